//! Client ids, client secrets and the Panel token of a tenant: made from the seed, good for nothing else.

use fastrand::Rng;

use super::tokens::Application;

pub(super) struct Secrets {
    applications: Vec<(Application, String, String)>,
    panel_token: String,
}

impl Secrets {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ 0x5ec2);
        let applications = Application::ALL
            .into_iter()
            .map(|api| (api, random("vci_", 24, &mut rng), random("vcs_", 40, &mut rng)))
            .collect();
        Self { applications, panel_token: random("vp_", 32, &mut rng) }
    }

    /// Client id and client secret.
    pub(super) fn application(&self, api: Application) -> (&str, &str) {
        self.applications
            .iter()
            .find(|(of, _, _)| *of == api)
            .map_or(("", ""), |(_, id, secret)| (id.as_str(), secret.as_str()))
    }

    pub(super) fn panel_token(&self) -> &str {
        &self.panel_token
    }
}

/// `prefix` and `length` letters and digits.
pub(super) fn random(prefix: &str, length: usize, rng: &mut Rng) -> String {
    prefix.chars().chain(std::iter::repeat_with(|| rng.alphanumeric()).take(length)).collect()
}
