use super::*;
use crate::aws::fake::{Fake, fake};

const ROOT: &str = "r-ab12";
const PROD: &str = "ou-ab12-prod0001";
const BANK: &str = "ou-ab12-bank0001";
const TEST: &str = "ou-ab12-test0001";

/// What a call asks for: its name, the unit or account that it is about, and the page.
fn asked(request: &str) -> (&str, String, String) {
    let (_, name) = request.split_once("x-amz-target: AWSOrganizationsV20161128.").unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let about = text("ParentId") + &text("ChildId") + &text("AccountId");
    (name.split_once("\r\n").unwrap().0, about, text("NextToken"))
}

fn account(id: &str, state: &str) -> String {
    format!(r#"{{"Id":"{id}","Name":"name {id}","State":"{state}","Status":"ACTIVE"}}"#)
}

fn refused(code: &str) -> (u16, String) {
    (400, format!(r#"{{"__type":"{code}","message":"no"}}"#))
}

/// The root holds the units prod, in which is bank, and test. Lists come with pages that are empty.
fn tree(request: &str) -> (u16, String) {
    let (name, about, page) = asked(request);
    let unit = |id: &str| format!(r#"{{"Id":"{id}"}}"#);
    let (key, entries) = match (name, about.as_str()) {
        ("ListRoots", _) => ("Roots", unit(ROOT)),
        ("ListOrganizationalUnitsForParent", ROOT) => {
            ("OrganizationalUnits", [unit(PROD), unit(TEST)].join(","))
        }
        ("ListOrganizationalUnitsForParent", PROD) => ("OrganizationalUnits", unit(BANK)),
        ("ListOrganizationalUnitsForParent", BANK | TEST) => ("OrganizationalUnits", String::new()),
        ("ListAccountsForParent", ROOT) => ("Accounts", account("111122223333", "ACTIVE")),
        ("ListAccountsForParent", PROD) => ("Accounts", account("222222222222", "SUSPENDED")),
        ("ListAccountsForParent", BANK) if page.is_empty() => {
            return (200, r#"{"Accounts":[],"NextToken":"1"}"#.to_owned());
        }
        ("ListAccountsForParent", BANK) => (
            "Accounts",
            [account("444444444444", "ACTIVE"), account("333333333333", "ACTIVE")].join(","),
        ),
        ("ListAccountsForParent", TEST) => {
            ("Accounts", r#"{"Id":"555555555555","Status":"ACTIVE"}"#.to_owned())
        }
        ("ListParents", PROD | TEST) => ("Parents", unit(ROOT)),
        ("ListParents", BANK) => ("Parents", unit(PROD)),
        ("ListParents", "333333333333" | "444444444444") => ("Parents", unit(BANK)),
        ("DescribeAccount", id @ ("222222222222" | "333333333333" | "444444444444")) => {
            let state = if id == "222222222222" { "SUSPENDED" } else { "ACTIVE" };
            return (200, format!(r#"{{"Account":{}}}"#, account(id, state)));
        }
        ("DescribeAccount", _) => return refused("AccountNotFoundException"),
        ("ListParents", _) => return refused("ChildNotFoundException"),
        _ => return refused("ParentNotFoundException"),
    };
    (200, format!(r#"{{"{key}":[{entries}]}}"#))
}

async fn ids(fake: &Fake, units: &[&str]) -> Vec<String> {
    let units: Vec<OuId> = units.iter().copied().map(OuId::new).collect();
    let found = members(&fake.session, &units).await.unwrap();
    found.iter().map(|member| member.id.as_str().to_owned()).collect()
}

#[tokio::test]
async fn all_active_accounts_are_found_with_their_units() {
    let fake = fake(tree);
    let found = members(&fake.session, &[]).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|member| {
            let units: Vec<&str> = member.units.iter().map(OuId::as_str).collect();
            (member.id.as_str(), member.name.as_deref(), units.join(" "))
        })
        .collect();
    let units = |units: &[&str]| units.join(" ");
    assert_eq!(
        found,
        [
            ("111122223333", Some("name 111122223333"), units(&[ROOT])),
            ("333333333333", Some("name 333333333333"), units(&[BANK, PROD, ROOT])),
            ("444444444444", Some("name 444444444444"), units(&[BANK, PROD, ROOT])),
            ("555555555555", None, units(&[TEST, ROOT])),
        ]
    );
    // The root, two lists for each of four units, and one more page.
    assert_eq!(fake.requests("").len(), 10);
}

#[tokio::test]
async fn units_are_walked_once_however_they_are_named() {
    let fake = fake(tree);
    let both = ["333333333333", "444444444444"];
    assert_eq!(ids(&fake, &[BANK]).await, both);
    // Two levels up, two lists, and one more page.
    assert_eq!(fake.requests("").len(), 5);
    assert_eq!(ids(&fake, &[BANK, PROD, BANK]).await, both);
    assert_eq!(fake.requests("").len(), 5 + 2 + 4 + 1);
    assert_eq!(ids(&fake, &[TEST, BANK]).await.len(), 3);
    assert_eq!(ids(&fake, &[ROOT, BANK]).await.len(), 4);
    let found = members(&fake.session, &[OuId::new(BANK)]).await.unwrap();
    assert_eq!(found[0].units, [BANK, PROD, ROOT].map(OuId::new));
}

#[tokio::test]
async fn a_unit_that_is_not_there_is_named() {
    for unit in ["ou-ab12-none0001", "r-none"] {
        let units = [OuId::new(TEST), OuId::new(unit)];
        let error = members(&fake(tree).session, &units).await.unwrap_err();
        assert_eq!(error.to_string(), format!("there is no unit `{unit}` in the organization"));
    }
}

#[tokio::test]
async fn whoever_may_not_list_is_told_what_to_do() {
    let denied = fake(|_| refused("AccessDeniedException"));
    let error = members(&denied.session, &[]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "account 111122223333 may not list the accounts of its organization: \
             AccessDeniedException: no"
    );
    assert!(error.hint().contains("delegated administrator"));
    let alone = fake(|_| refused(NONE));
    let error = members(&alone.session, &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "account 111122223333 is in no organization");
}

#[tokio::test]
async fn there_are_no_partial_lists() {
    let circle = fake(|request| match asked(request).0 {
        "ListRoots" => (200, r#"{"Roots":[],"NextToken":"1"}"#.to_owned()),
        _ => tree(request),
    });
    let error = members(&circle.session, &[]).await.unwrap_err();
    assert!(error.to_string().ends_with("a list that does not come to its end"), "{error}");
    let broken = fake(|request| match asked(request) {
        ("ListAccountsForParent", _, page) if page == "1" => refused("InvalidInputException"),
        _ => tree(request),
    });
    assert!(members(&broken.session, &[]).await.is_err());
}

#[tokio::test]
async fn too_many_calls_are_made_again() {
    let busy = std::sync::atomic::AtomicU32::new(0);
    let fake = fake(move |request| {
        if busy.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
            return refused("TooManyRequestsException");
        }
        tree(request)
    });
    assert_eq!(members(&fake.session, &[]).await.unwrap().len(), 4);
    assert_eq!(fake.requests("").len(), 12);
}

#[tokio::test]
async fn the_organization_is_described() {
    let fields = r#""Id":"o-1","MasterAccountId":"444455556666","FeatureSet":"ALL""#;
    let fake_one = fake(move |_| (200, format!(r#"{{"Organization":{{{fields}}}}}"#)));
    let found = organization(&fake_one.session).await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.all_features), ("o-1", true));
    assert_eq!(found.management.as_str(), "444455556666");
    assert_eq!(organization(&fake(|_| refused(NONE)).session).await, Ok(None));
    assert!(organization(&fake(|_| (200, "{}".to_owned())).session).await.is_err());
    assert!(organization(&fake(|_| refused("AccessDeniedException")).session).await.is_err());
}

#[tokio::test]
async fn accounts_that_are_named_come_with_their_units() {
    let fake = fake(tree);
    let ask = async |ids: &[&str]| {
        let ids: Vec<AccountId> = ids.iter().copied().map(AccountId::new).collect();
        named(&fake.session, &ids).await
    };
    let found = ask(&["444444444444", "333333333333"]).await.unwrap();
    let units: Vec<OuId> = [BANK, PROD, ROOT].into_iter().map(OuId::new).collect();
    let member = |id: &str| {
        let (id, name) = (AccountId::new(id), Some(format!("name {id}")));
        Member { id, name, units: units.clone() }
    };
    assert_eq!(found, ["333333333333", "444444444444"].map(member));
    // What is known of the way up is not asked again.
    assert_eq!(fake.requests("ListParents").len(), 4);
    let error = ask(&["444444444444", "666666666666"]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "account 666666666666 is not among the active accounts of the organization"
    );
    let error = ask(&["222222222222"]).await.unwrap_err();
    assert_eq!(error.to_string(), "account 222222222222 is not active in the organization");

    // Of many, the whole organization is listed.
    let many: Vec<String> = (0..=FEW).map(|n| format!("7000000000{n:02}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let error = ask(&many).await.unwrap_err();
    assert!(error.to_string().starts_with("account 700000000000 is not among"), "{error}");
    assert!(fake.requests("DescribeAccount").iter().all(|asked| !asked.contains("70000000000")));
}
