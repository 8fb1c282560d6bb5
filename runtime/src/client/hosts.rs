//! Who is called: each host is up or down on its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::Uri;
use http::uri::Authority;

use crate::Retry;
use crate::retry::BudgetShare;

/// Hosts beyond this many share what the retry itself has of its budget: whoever is told of
/// something may choose its address, and there is no end to those.
const MOST: usize = 1000;

/// What each host's calls have of the budget of a retry, so that calls to others that are up do not
/// pay for retries at one that is down.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<HashMap<Authority, Arc<BudgetShare>>>);

impl Hosts {
    pub(super) fn share(&self, retry: &Retry, url: &Uri) -> Arc<BudgetShare> {
        let Some(host) = url.authority() else {
            return Arc::clone(retry.share());
        };
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(host) {
            return Arc::clone(share);
        }
        if shares.len() >= MOST {
            return Arc::clone(retry.share());
        }
        let share = BudgetShare::of(Arc::clone(retry.budget()));
        shares.insert(host.clone(), Arc::clone(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RetryConfig;

    #[test]
    fn each_host_has_its_share_until_there_are_too_many() {
        let retry = Retry::new("client", RetryConfig::default()).expect("in range");
        let hosts = Hosts::default();
        let share = |host: &str| {
            let url = format!("http://{host}/hook").parse().expect("a URL");
            hosts.share(&retry, &url).id()
        };
        let (one, other) = (share("one.example"), share("one.example:81"));
        assert_eq!(share("one.example"), one);
        assert!(one != other && one != retry.share().id());
        let invented: Vec<_> = (0..MOST).map(|n| share(&format!("h{n}"))).collect();
        assert_eq!(invented[MOST - 1], retry.share().id());
        assert_eq!(hosts.0.lock().expect("no panic").len(), MOST);
        assert_eq!(share("one.example"), one);
    }
}
