//! What a sender can do about a status.

use core::fmt;
use core::time::Duration;

use crate::model::{Outcome, Reason, Status};

/// What a sender can do about a status: what the carrier's table of codes (`docs/dialects/`) asks for, as a decision.
///
/// ```
/// use tongsa::{Advice, Carrier, Codec, Config, Message, Reason, Status, SubmitRsp};
/// let mut answer = SubmitRsp::default();
/// answer.status = Status::new(4202, "HUB_OVER_INTRAFFIC")?;
/// let codec = Carrier::K.codec(Config::default());
/// let decoded = codec.decode(&codec.encode(&answer.into())?.entity)?;
/// let advice = decoded.message.status().and_then(Status::advice).expect("K's table has the code");
/// assert_eq!(advice, Advice::Throttled { pause: std::time::Duration::from_secs(1), reason: Some(Reason::TrafficExceeded) });
/// assert!(advice.sends_again());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing: it is done, all of it or a part.
    Done,
    /// Send the same again; nothing has to change.
    Retry {
        /// Why it was not done.
        reason: Option<Reason>,
    },
    /// Wait, then send the same again: too much was sent.
    Throttled {
        /// How long: until the next full second where an allotment was exceeded, a minute where the carrier is overloaded
        /// (4030 of L).
        pause: Duration,
        /// Why it was not done.
        reason: Option<Reason>,
    },
    /// Wait, let somebody mend the account, and send the same again.
    AccountFault {
        /// How long: a second, as relays in production wait.
        pause: Duration,
        /// Why it was not done.
        reason: Option<Reason>,
    },
    /// Do not send the same again.
    Rejected {
        /// Why it was not done.
        reason: Option<Reason>,
    },
}

const A_SECOND: Duration = Duration::from_secs(1);
const A_MINUTE: Duration = Duration::from_secs(60);

impl Status {
    /// What to do about it; `None` where nobody has said what it means. A decoder has, by the carrier's table;
    /// [`Codec::classify`](crate::Codec::classify) does for a message that was made otherwise.
    ///
    /// ```
    /// use tongsa::{Advice, Outcome, Status};
    /// let mut status = Status::new(3000, "SERVER_ERROR")?;
    /// assert_eq!(status.advice(), None);
    /// status.outcome = Some(Outcome::Retry);
    /// assert_eq!(status.advice(), Some(Advice::Retry { reason: None }));
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    pub fn advice(&self) -> Option<Advice> {
        let reason = self.reason;
        Some(match self.outcome? {
            Outcome::Success | Outcome::PartialSuccess => Advice::Done,
            Outcome::Retry => Advice::Retry { reason },
            Outcome::Throttled => {
                let pause = if reason == Some(Reason::Overload) { A_MINUTE } else { A_SECOND };
                Advice::Throttled { pause, reason }
            }
            Outcome::AccountFault => Advice::AccountFault { pause: A_SECOND, reason },
            Outcome::Rejected => Advice::Rejected { reason },
        })
    }
}

impl Advice {
    /// Whether the same message may be sent again.
    pub const fn sends_again(self) -> bool {
        matches!(self, Self::Retry { .. } | Self::Throttled { .. } | Self::AccountFault { .. })
    }

    /// How long to wait before it is; nothing where there is nothing to wait for.
    pub const fn pause(self) -> Duration {
        match self {
            Self::Throttled { pause, .. } | Self::AccountFault { pause, .. } => pause,
            Self::Done | Self::Retry { .. } | Self::Rejected { .. } => Duration::ZERO,
        }
    }

    /// Why it was not done.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Done => None,
            Self::Retry { reason }
            | Self::Throttled { reason, .. }
            | Self::AccountFault { reason, .. }
            | Self::Rejected { reason } => reason,
        }
    }

    /// What would have to change for it to be done.
    pub fn remedy(self) -> &'static str {
        match (self, self.reason()) {
            (Self::Done, _) => "nothing",
            (_, Some(reason)) => reason.remedy(),
            (_, None) => "nobody knows: the carrier gives no reason",
        }
    }
}

/// `wait 1 s, then send again: send less in a second`
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => return f.write_str("done"),
            Self::Retry { .. } => f.write_str("send again")?,
            Self::Throttled { pause, .. } => write!(f, "wait {} s, then send again", pause.as_secs())?,
            Self::AccountFault { pause, .. } => {
                write!(f, "mend the account; wait {} s, then send again", pause.as_secs())?;
            }
            Self::Rejected { .. } => f.write_str("do not send again")?,
        }
        write!(f, ": {}", self.remedy())
    }
}
