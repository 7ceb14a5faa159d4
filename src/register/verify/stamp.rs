//! What goes into a record when its target was tried, and what that is worth by now.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Check, Digest, Failure, Target, Verification};

/// After which a stamp is old: the host's certificates and packages have changed by then, unattended.
const OLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The stamp of what was tried just now at the target of this record.
pub fn stamp(target: &Target, checks: Vec<Check>, now: Timestamp) -> Result<Verification, Failure> {
    Ok(Verification {
        at: at(now),
        record: digest(target)?,
        checks,
    })
}

/// A time as stamps have it.
pub fn at(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What a record's stamp says of its target now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was never tried.
    Never,
    /// Everything that was tried was as it should be.
    Good,
    /// These were not, by the checks' names.
    Failed(Vec<String>),
    /// The record is another since.
    OtherRecord,
    /// It was good, this many days ago.
    Old(i64),
}

/// What the record's stamp is worth at this time.
pub fn standing(target: &Target, now: Timestamp) -> Result<Standing, Failure> {
    let Some(stamp) = &target.verified else {
        return Ok(Standing::Never);
    };
    if stamp.record != digest(target)? {
        return Ok(Standing::OtherRecord);
    }
    let failed: Vec<String> = stamp.failed().map(|check| check.name.clone()).collect();
    if !failed.is_empty() {
        return Ok(Standing::Failed(failed));
    }
    // A time that cannot be read was written by nobody of ours: it proves nothing.
    let Ok(at) = stamp.at.parse::<Timestamp>() else {
        return Ok(Standing::Never);
    };
    let age = now.duration_since(at);
    Ok(if age > OLD {
        Standing::Old(age.as_hours() / 24)
    } else {
        Standing::Good
    })
}

/// The digest of what the record promises: not of what the registry adds when it writes it.
fn digest(target: &Target) -> Result<String, Failure> {
    let promised = Target {
        registered: String::new(),
        version: 0,
        verified: None,
        ..target.clone()
    };
    let bytes = serde_json::to_vec(&promised)
        .map_err(|error| Failure::bug(format!("a target cannot be written: {error}")))?;
    Ok(Digest::of(&bytes).sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HostTarget, TargetKind};
    use crate::register::verify::outcome::{check, failed, passed};

    #[test]
    fn a_stamp_is_worth_something_for_its_record_and_for_a_month() {
        let now: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        let mut target = Target {
            name: "web".into(),
            project: "review".into(),
            environment: "production".into(),
            registered: "2026-03-04T05:06:07Z".into(),
            version: 3,
            images: Default::default(),
            verified: None,
            kind: TargetKind::Host(HostTarget::default()),
        };
        assert_eq!(standing(&target, now).unwrap(), Standing::Never);
        let good = vec![check("login", "", passed(""))];
        target.verified = Some(stamp(&target, good, now).unwrap());
        target.version = 4;
        assert_eq!(standing(&target, now).unwrap(), Standing::Good);
        let later = now + SignedDuration::from_hours(31 * 24);
        assert_eq!(standing(&target, later).unwrap(), Standing::Old(31));
        target.images.insert("app".into(), "example/app".into());
        assert_eq!(standing(&target, now).unwrap(), Standing::OtherRecord);
        let bad = vec![check("docker", "", failed("no", ""))];
        target.verified = Some(stamp(&target, bad, now).unwrap());
        assert_eq!(
            standing(&target, now).unwrap(),
            Standing::Failed(vec!["docker".into()])
        );
    }
}
