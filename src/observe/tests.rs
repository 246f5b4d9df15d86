use super::*;
use crate::aws::fake::{Fake, ec2_error, fake, iam_error};
use crate::model::Action;

/// Denies everything but the regions.
fn closed(request: &str) -> (u16, String) {
    if !request.contains("Action=DescribeRegions") {
        return ec2_error(403, "UnauthorizedOperation", "You are not authorized.");
    }
    let region = |name: &str, status: &str| {
        format!("<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>")
    };
    let items = region("eu-west-1", "opt-in-not-required")
        + &region("me-south-1", "not-opted-in")
        + &region("af-south-1", "opted-in");
    let name = "DescribeRegionsResponse";
    (200, format!("<{name}><regionInfo>{items}</regionInfo></{name}>"))
}

async fn read(
    fake: &Fake,
    reads: &[Read],
    regions: Option<&[&str]>,
) -> Result<Snapshot, ObserveError> {
    read_by(&fake.session, reads, regions).await
}

async fn read_by(
    session: &Session,
    reads: &[Read],
    regions: Option<&[&str]>,
) -> Result<Snapshot, ObserveError> {
    let request = Request {
        reads: reads.iter().copied().collect(),
        regions: regions.map(|regions| regions.iter().copied().map(Region::new).collect()),
        settings: Settings::default(),
        version: "0.1.0".to_owned(),
        taken_at: Timestamp::UNIX_EPOCH,
    };
    observe(session, &session.clients(), &request, &|_| ()).await
}

fn denied<T>(action: &'static str) -> Observed<T> {
    Observed::Denied { action: Action::new(action) }
}

#[tokio::test]
async fn enabled_regions_are_read_and_what_is_denied_is_denied() {
    let fake = fake(closed);
    let snapshot = read(&fake, &[Read::Rules, Read::PasswordPolicy], None).await.unwrap();
    let regions: Vec<&str> = snapshot.regional.keys().map(Region::as_str).collect();
    assert_eq!(regions, ["af-south-1", "eu-west-1"]);
    for regional in snapshot.regional.values() {
        assert_eq!(regional.rules, denied("ec2:DescribeSecurityGroupRules"));
        assert_eq!(regional.keys, Observed::Unread);
    }
    assert_eq!(snapshot.iam.summary, Observed::Unread);
    assert_eq!(fake.requests("").len(), 4);
}

#[tokio::test]
async fn without_the_list_of_regions_one_is_read() {
    let fake = fake(|_| ec2_error(403, "UnauthorizedOperation", "You are not authorized."));
    let snapshot = read(&fake, &[Read::Rules], None).await.unwrap();
    assert_eq!(snapshot.regions, denied("ec2:DescribeRegions"));
    let regions: Vec<&str> = snapshot.regional.keys().map(Region::as_str).collect();
    assert_eq!(regions, ["eu-west-1"]);

    let snapshot = read(&fake, &[Read::Rules], Some(&["us-east-1"])).await.unwrap();
    assert_eq!(snapshot.regions, Observed::Known([Region::new("us-east-1")].into()));
    assert_eq!(snapshot.regional.len(), 1);
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_refused() {
    let error = read(&fake(closed), &[Read::Rules], Some(&["me-south-1"])).await.unwrap_err();
    assert_eq!(error.to_string(), "region `me-south-1` is not enabled for this account");
    assert_eq!(error.hint(), "enabled are af-south-1, eu-west-1");
}

#[tokio::test]
async fn account_wide_reads_need_no_region() {
    let fake = fake(|_| iam_error(404, "NoSuchEntity", "none"));
    let snapshot = read(&fake, &[Read::PasswordPolicy], None).await.unwrap();
    assert_eq!(snapshot.iam.password_policy, Observed::Known(None));
    assert_eq!((snapshot.regions, snapshot.regional.len()), (Observed::Unread, 0));
    assert_eq!(fake.requests("").len(), 1);
}

/// Nobody is root to look where nothing tells of a key, or nobody can be.
#[tokio::test]
async fn root_is_looked_at_from_above_and_only_where_something_tells_of_a_key() {
    let wrapped = |name: &str, result: &str| {
        (200, format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
    };
    for (present, from_above, sessions) in [(1, true, 1), (0, true, 0), (1, false, 0)] {
        let own = fake(move |request| {
            if request.contains("Action=GetAccountSummary") {
                let entry = |name: &str, value: u8| {
                    format!("<entry><key>{name}</key><value>{value}</value></entry>")
                };
                let entries =
                    entry("AccountMFAEnabled", 1) + &entry("AccountAccessKeysPresent", present);
                return wrapped(
                    "GetAccountSummary",
                    &format!("<SummaryMap>{entries}</SummaryMap>"),
                );
            }
            iam_error(403, "AccessDenied", "no")
        });
        let above = fake(|_| iam_error(403, "AccessDenied", "no"));
        let mut management = above.session.clone();
        management.account.id = crate::model::AccountId::new("444455556666");
        let id = management.account.id.clone();
        let session = own.session.clone();
        let session =
            if from_above { session.of_member(&management.clients(), &id) } else { session };
        let reads = [Read::AccountSummary, Read::CredentialReport, Read::RootKeys];
        let snapshot = read_by(&session, &reads, None).await.unwrap();
        let expected = if sessions == 1 { denied("sts:AssumeRoot") } else { Observed::Unread };
        assert_eq!(snapshot.iam.root_keys, expected);
        assert_eq!(above.requests("Action=AssumeRoot").len(), sessions);
    }
}

#[tokio::test]
async fn the_roles_that_services_need_are_read() {
    let fake = fake(|_| iam_error(404, "NoSuchEntity", "none"));
    let snapshot = read(&fake, &[Read::Roles], None).await.unwrap();
    let roles: Vec<&str> = snapshot.iam.roles.keys().map(String::as_str).collect();
    assert_eq!(roles, ["AWSServiceRoleForConfig", "harden-cloudtrail"]);
    assert!(snapshot.iam.roles.values().all(|role| *role == Observed::Known(None)));
    assert_eq!(fake.requests("").len(), 2);
    let snapshot = read(&fake, &[Read::FlowLogRole], None).await.unwrap();
    let roles: Vec<&str> = snapshot.iam.roles.keys().map(String::as_str).collect();
    assert_eq!(roles, ["harden-flow-logs"]);
    let denied = crate::aws::fake::fake(|_| iam_error(403, "AccessDenied", "no"));
    let snapshot = read(&denied, &[Read::Roles], None).await.unwrap();
    let refused = &snapshot.iam.roles["harden-cloudtrail"];
    assert!(matches!(refused, Observed::Denied { .. }));
}
