//! The server's side: starts the process, hands it the program and the items, and reads what comes back.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::asked;
use super::child::CHILD;
use super::error::ProgramError;
use super::{output, wire};

/// How many programs run at once, whoever wants them.
static TURNS: Semaphore = Semaphore::const_new(4);

/// How long a program may take, from when it has all items.
const TIME: Duration = Duration::from_secs(2);

/// How long it may take until it has them.
const TAKING: Duration = Duration::from_secs(20);

/// Room for the last line, beside the outputs.
const LAST_LINE: usize = 64 << 10;

/// The most that is read of what the process complains of, in bytes; nobody gets to see it.
const COMPLAINT: u64 = 4 << 10;

/// How the message of Rust begins when an allocation fails.
const NO_MEMORY: &str = "memory allocation of";

/// What Rust says of a stack that is full.
const NO_STACK: &str = "overflowed its stack";

/// What runs programs: a binary of this crate, started anew for each.
#[derive(Debug, Clone)]
pub struct Interpreter {
    executable: PathBuf,
    time: Duration,
}

/// What a program made of the items, each output a JSON text.
#[derive(Debug)]
pub enum Reshaped {
    /// One output, which is an array.
    Array(Box<RawValue>),
    /// One output of another kind.
    Value(Box<RawValue>),
    /// None, or more than one.
    Several(Vec<Box<RawValue>>),
}

impl Interpreter {
    /// By the binary that is running. An error where the system does not say which that is.
    pub fn of_this_binary() -> Result<Self, ProgramError> {
        // This name leads to the binary that runs even when another has taken its place on the disk.
        let executable = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe().map_err(ProgramError::NotStarted)?
        };
        Ok(Self::of(executable))
    }

    /// By another binary of this crate.
    pub fn of(executable: impl Into<PathBuf>) -> Self {
        Self { executable: executable.into(), time: TIME }
    }

    /// With another time for a program than 2 s.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Runs a program on a list, the text of a JSON array. What the program is wrapped in (a code fence, quotes, the
    /// command's name) is taken off first. To drop the future ends the process.
    pub async fn run(&self, program: &str, items: &[u8]) -> Result<Reshaped, ProgramError> {
        let program = asked::program(program)?;
        // Never closed.
        let _turn = TURNS.acquire().await;
        let mut child = self.start().map_err(ProgramError::NotStarted)?;
        let answer = match self.answer(&mut child, &program, items).await {
            Ok(answer) => answer,
            Err(error) => {
                // Its turn is given on when it is gone.
                let _ = child.kill().await;
                return Err(error);
            }
        };
        match wire::parts(&answer.outputs) {
            Some((outputs, Ok(()))) => Reshaped::of(outputs),
            Some((_, Err(error))) => Err(error),
            None if answer.outputs.len() > output::MOST => Err(ProgramError::TooMuchOutput),
            None => Err(self.without_ending(&mut child, &answer.complaint).await),
        }
    }

    fn start(&self) -> Result<Child, io::Error> {
        let mut command = Command::new(&self.executable);
        #[cfg(unix)]
        command.arg0(env!("CARGO_PKG_NAME"));
        command.arg(CHILD).env_clear().kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    async fn answer(
        &self,
        child: &mut Child,
        program: &str,
        items: &[u8],
    ) -> Result<ProcessOutput, ProgramError> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let mut feeding = pin!(feed(stdin, program, items));
        let mut hearing = pin!(heard(stdout, stderr));
        let mut end = pin!(sleep(TAKING));
        let mut is_fed = false;
        loop {
            tokio::select! {
                heard = &mut hearing => return Ok(heard),
                () = &mut feeding, if !is_fed => {
                    is_fed = true;
                    end.as_mut().reset(Instant::now() + self.time);
                }
                () = &mut end => return Err(self.too_slow()),
            }
        }
    }

    fn too_slow(&self) -> ProgramError {
        ProgramError::TooSlow { seconds: self.time.as_secs_f32() }
    }

    /// Why the process has said nothing of how it ended.
    async fn without_ending(&self, child: &mut Child, complaint: &str) -> ProgramError {
        if complaint.contains(NO_MEMORY) {
            return ProgramError::TooMuchMemory;
        }
        if complaint.contains(NO_STACK) {
            return ProgramError::TooDeep;
        }
        match tokio::time::timeout(TIME, child.wait()).await {
            Ok(Ok(status)) if is_out_of_time(status) => self.too_slow(),
            Ok(Ok(status)) => ProgramError::Ended { how: status.to_string() },
            Ok(Err(error)) => ProgramError::Ended { how: error.to_string() },
            Err(_) => ProgramError::Ended { how: "it has closed its output".to_owned() },
        }
    }
}

/// What came of a process.
struct ProcessOutput {
    outputs: Vec<u8>,
    complaint: String,
}

/// What the process writes, up to its last line; where there is none, also what it complained of.
async fn heard(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>) -> ProcessOutput {
    let outputs = outputs(stdout).await;
    let complaint = if wire::parts(&outputs).is_some() { String::new() } else { complaint(stderr).await };
    ProcessOutput { outputs, complaint }
}

/// Whether the system ended it, as it had computed long enough.
#[cfg(unix)]
fn is_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(libc::SIGXCPU)
}

#[cfg(not(unix))]
fn is_out_of_time(_: ExitStatus) -> bool {
    false
}

/// Writes the question. That the process has ended early is seen by what it says.
async fn feed(stdin: Option<ChildStdin>, program: &str, items: &[u8]) {
    let Some(mut stdin) = stdin else { return };
    if stdin.write_all(wire::question(program).as_bytes()).await.is_ok() {
        let _ = stdin.write_all(items).await;
    }
}

/// Everything up to the last line, or as much as there may be.
async fn outputs(stdout: Option<ChildStdout>) -> Vec<u8> {
    let mut answer = Vec::new();
    let Some(mut stdout) = stdout else { return answer };
    // What the process does after its last line is of no interest, and may take its time.
    while answer.len() <= output::MOST + LAST_LINE && wire::parts(&answer).is_none() {
        match stdout.read_buf(&mut answer).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => break,
        }
    }
    answer
}

async fn complaint(stderr: Option<ChildStderr>) -> String {
    let mut complaint = Vec::new();
    if let Some(stderr) = stderr {
        // A part is as good.
        let _ = stderr.take(COMPLAINT).read_to_end(&mut complaint).await;
    }
    String::from_utf8_lossy(&complaint).into_owned()
}

impl Reshaped {
    fn of(outputs: &[u8]) -> Result<Self, ProgramError> {
        let garbled = |problem: &dyn ToString| ProgramError::Ended { how: problem.to_string() };
        let text = std::str::from_utf8(outputs).map_err(|error| garbled(&error))?;
        let lines = text.lines().map(|line| RawValue::from_string(line.to_owned()));
        let mut outputs = lines.collect::<Result<Vec<_>, _>>().map_err(|error| garbled(&error))?;
        Ok(match (outputs.len(), outputs.pop()) {
            (1, Some(only)) if only.get().starts_with('[') => Self::Array(only),
            (1, Some(only)) => Self::Value(only),
            (_, last) => Self::Several(outputs.into_iter().chain(last).collect()),
        })
    }
}
