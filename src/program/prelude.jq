# What jq has and jaq does not, and what is not to be had from a process that reads nothing but the items.

# Nothing of the surroundings.
def env: {};
def input: error("there is one input, the array of items");
def inputs: empty;
def input_filename: null;
def input_line_number: 0;
def localtime: gmtime;
def strflocaltime($format): strftime($format);

# To end with a message is to fail with it.
def halt_error: error;
def halt_error($code): error;

# Joins.
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);
def IN(stream): . as $x | any(stream; . == $x);
def IN(source; stream): any(source; IN(stream));

# Further functions of jq 1.7 and 1.8.
def toarray: if isarray then . else [.] end;
def leaf_paths: paths(scalars);
def trimstr($x): ltrimstr($x) | rtrimstr($x);
def ascii: [.] | implode;
def date: todate;
def dateadd(unit; n): . + n;
def datesub(unit; n): . - n;
def isvalid(f): try (f | true) catch false;

# As jq has them: null joins as nothing, and what is no text becomes a key as its JSON.
def join_texts($separator): join($separator);
def join($separator): map(if . == null then "" else tostring end) | join_texts($separator);
def entry_key: if .key == null then .k // .name // .Name // .K // .Key else .key end | if isstring then . else tojson end;
def entry_value: if has("value") then .value elif has("v") then .v else .Value end;
def from_entries: reduce .[] as $entry ({}; .[$entry | entry_key] = ($entry | entry_value));
def with_entries(f): to_entries | map(f) | from_entries;

# All paths are meant as they were before anything was deleted; only in arrays does anything move.
def without_indices($indices): length as $length
  | (reduce $indices[] as $index ({}; .[if $index < 0 then $index + $length else $index end | tostring] = true)) as $gone
  | [to_entries[] | select($gone[.key | tostring] | not) | .value];
def without($keys):
  if isarray and all($keys[]; isnumber) then without_indices($keys)
  else reduce ($keys | reverse[]) as $key (.; .[$key] |= empty) end;
def delpaths($paths):
  if any($paths[]; . == []) then null
  else reduce ($paths | unique | group_by(.[:-1]) | reverse[]) as $siblings (.;
    $siblings[0][:-1] as $parent
    | if getpath($parent) == null then . else getpath($parent) |= without($siblings | map(.[-1])) end) end;
def del(f): [path(f)] as $paths
  | if all($paths[]; .[-1] | isstring)
    then reduce $paths[] as $path (.; if getpath($path[:-1]) == null then . else getpath($path) |= empty end)
    else delpaths($paths) end;

# Rows.
def row(f; $format):
  if isarray then map(
    if . == null then ""
    elif isstring then f
    elif isarray or isobject then error("cannot write \(.) in a row of \($format)")
    else tostring end)
  else error("cannot write \(.) as a row of \($format); it takes an array") end;
def @csv: row("\"" + (. / "\"" | join("\"\"")) + "\""; "CSV") | join(",");
def @tsv: row(. / "\\" | join("\\\\") | . / "\t" | join("\\t") | . / "\n" | join("\\n") | . / "\r" | join("\\r"); "TSV")
  | join("\t");
