pub(super) async fn run(_config: crate::config::Config) -> std::process::ExitCode { std::process::ExitCode::SUCCESS }
