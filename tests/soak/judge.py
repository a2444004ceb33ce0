"""What of a soak is as it should be: which calls may fail, and how much a process may grow."""

import re
import statistics

# How often a read, or a change that is harmless to repeat, is sent: README.md, "Nothing is done twice".
MOST_ATTEMPTS = 5

# What a call is sent again after, and what ends it at once.
PASSING = re.compile(r"TooManyRequests|Html|Unavailable|Reset|Dropped|Broken")
FINAL = re.compile(r"Internal|Truncated")

# A process may have this much more at the end than after the first minute: what an allocator keeps, and connections that
# happen to be open. A leak of 4 KiB a call, or of one descriptor in five seconds, is more in three minutes.
MOST_BYTES = 2_000_000
MOST_DESCRIPTORS = 10


def expected(attempts):
    """Whether a call succeeds, by what the tenant did to each of its requests. Slow ones and 401 are no failures."""
    faults = [attempt["fault"] or "" for attempt in attempts if attempt["status"] != 401]
    if not faults:
        return False
    return not FINAL.search(faults[-1]) and not PASSING.search(faults[-1])


def wrong_with(call, attempts, tokens_failed):
    """What is wrong with the end of a call, or None. `tokens_failed` are the moments of faults at the token endpoint."""
    good = expected(attempts)
    if call["good"] and good:
        return None
    told = [f"{attempt['status']} {attempt['fault']}" for attempt in attempts]
    if call["good"]:
        return f"it succeeded although the tenant gave no good answer: {told}"
    if "token" in call["text"] and any(call["began"] - 1 <= at <= call["ended"] + 1 for at in tokens_failed):
        return None
    if good:
        return f"it failed although the tenant's last answer was good: {told}"
    if not attempts:
        return "it failed and the tenant never saw it"
    last = attempts[-1]["fault"] or ""
    if call["repeatable"] and PASSING.search(last) and len(attempts) < MOST_ATTEMPTS:
        return f"it was given up after {len(attempts)} of {MOST_ATTEMPTS} attempts: {told}"
    return None


def growth(series):
    """How much more there is at the end of a series than at its beginning: the medians of its first and last third."""
    third = max(1, len(series) // 3)
    return statistics.median(series[-third:]) - statistics.median(series[:third])


def grown(name, memory, descriptors):
    """What has grown too much after the first minute; each series has one sample a second."""
    found = []
    if growth(memory) > MOST_BYTES:
        found.append(f"{name}: {growth(memory) / 1024:.0f} KiB more memory")
    if growth(descriptors) > MOST_DESCRIPTORS:
        found.append(f"{name}: {growth(descriptors):.0f} more open files")
    return found


def leaking(memory, descriptors, calls_a_second):
    """The same series as they would be with a leak of 4 KiB a call, and of a descriptor in five seconds."""
    memory = [bytes + 4096 * calls_a_second * second for second, bytes in enumerate(memory)]
    return memory, [count + second / 5 for second, count in enumerate(descriptors)]
