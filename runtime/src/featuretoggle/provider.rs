//! A flag that somebody else decides: one of an OpenFeature provider.

use std::fmt;
use std::time::Duration;

use open_feature::{Client, EvaluationContext};
use tokio::time::timeout;

/// A provider that takes longer is as good as one that fails. Most keep their flags in memory and
/// answer at once; this bounds those that ask another host.
const LONGEST: Duration = Duration::from_secs(1);

/// A flag of a provider.
pub(super) struct Provider {
    client: Client,
}

impl Provider {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Whether the flag is on for a client. `None` when the provider cannot tell.
    pub(super) async fn ask(&self, flag: &str, client: Option<&str>) -> Option<bool> {
        let context = EvaluationContext {
            targeting_key: client.map(str::to_owned),
            ..EvaluationContext::default()
        };
        let answer = self.client.get_bool_value(flag, Some(&context), None);
        timeout(LONGEST, answer).await.ok()?.ok()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider")
            .field(&self.client.metadata().name)
            .finish()
    }
}
