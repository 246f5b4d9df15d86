//! Reads the text of a credential report.

use csv::StringRecord;
use jiff::Timestamp;

use crate::model::{CredentialReport, KeyRow, ReportRow, UsedFor, When};

/// The user name in root's row.
const ROOT: &str = "<root_account>";

/// The text is no credential report.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReportError {
    /// A column that every report has is not there.
    #[error("the credential report has no column `{0}`")]
    NoColumn(&'static str),
    /// No CSV.
    #[error("the credential report is not readable: {0}")]
    Csv(#[from] csv::Error),
}

/// Reads a report by its column names: AWS appends columns at will.
pub(super) fn parse(
    content: &[u8],
    generated_at: Timestamp,
) -> Result<CredentialReport, ReportError> {
    let mut reader = csv::Reader::from_reader(content);
    let columns = Columns::find(reader.headers()?)?;
    let (mut root, mut users) = (None, Vec::new());
    for record in reader.records() {
        let row = columns.row(&record?);
        if row.user == ROOT {
            root = Some(row);
        } else {
            users.push(row);
        }
    }
    users.sort_by(|a, b| a.user.cmp(&b.user));
    Ok(CredentialReport { generated_at, root, users })
}

/// Where the columns are.
struct Columns {
    user: usize,
    arn: Option<usize>,
    password_enabled: usize,
    password_last_used: usize,
    password_last_changed: usize,
    mfa_active: usize,
    keys: [KeyColumns; 2],
}

/// Those of one access key.
#[derive(Clone, Copy)]
struct KeyColumns {
    active: usize,
    last_rotated: usize,
    last_used: usize,
    region: usize,
    service: usize,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, ReportError> {
        let find = |name: &'static str| {
            header.iter().position(|column| column == name).ok_or(ReportError::NoColumn(name))
        };
        Ok(Self {
            user: find("user")?,
            arn: header.iter().position(|column| column == "arn"),
            password_enabled: find("password_enabled")?,
            password_last_used: find("password_last_used")?,
            password_last_changed: find("password_last_changed")?,
            mfa_active: find("mfa_active")?,
            keys: [
                KeyColumns {
                    active: find("access_key_1_active")?,
                    last_rotated: find("access_key_1_last_rotated")?,
                    last_used: find("access_key_1_last_used_date")?,
                    region: find("access_key_1_last_used_region")?,
                    service: find("access_key_1_last_used_service")?,
                },
                KeyColumns {
                    active: find("access_key_2_active")?,
                    last_rotated: find("access_key_2_last_rotated")?,
                    last_used: find("access_key_2_last_used_date")?,
                    region: find("access_key_2_last_used_region")?,
                    service: find("access_key_2_last_used_service")?,
                },
            ],
        })
    }

    fn row(&self, record: &StringRecord) -> ReportRow {
        let cell = |column| record.get(column).unwrap_or_default();
        let when = |column| When::parse(cell(column));
        ReportRow {
            user: cell(self.user).to_owned(),
            arn: self.arn.map(cell).filter(|arn| !arn.is_empty()).map(str::to_owned),
            password_enabled: boolean(cell(self.password_enabled)),
            password_last_used: when(self.password_last_used),
            password_last_changed: when(self.password_last_changed),
            mfa_active: boolean(cell(self.mfa_active)),
            access_keys: self.keys.map(|key| KeyRow {
                active: boolean(cell(key.active)),
                last_rotated: when(key.last_rotated),
                last_used: when(key.last_used),
                used_for: told(cell(key.service))
                    .zip(told(cell(key.region)))
                    .map(|(service, region)| UsedFor { service, region }),
            }),
        }
    }
}

/// What a cell tells, if it is not one of AWS's words for nothing.
fn told(cell: &str) -> Option<String> {
    match cell {
        "" | "N/A" | "no_information" | "not_supported" => None,
        text => Some(text.to_owned()),
    }
}

/// AWS documents `TRUE` and writes `true`; anything else, such as `not_supported`, is neither.
fn boolean(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
         password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
         access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
         access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
         access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
         cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated,added_later";

    fn report(rows: &[&str]) -> Result<CredentialReport, ReportError> {
        let text = [&[HEADER], rows].concat().join("\n");
        parse(text.as_bytes(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn root_and_users_are_told_apart() {
        let report = report(&[
            "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,\
             not_supported,no_information,not_supported,not_supported,true,FALSE,N/A,N/A,N/A,N/A,\
             false,N/A,N/A,N/A,N/A,false,N/A,false,N/A,x",
            "zoe,arn,2020-01-01T00:00:00+00:00,TRUE,no_information,2024-05-06T07:08:09+00:00,N/A,\
             false,true,2024-05-06T07:08:09Z,2024-06-07T08:09:10Z,eu-west-1,s3,perhaps,yesterday,N/A,N/A,N/A,false,N/A,\
             false,N/A,x",
            "al,arn,2020-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,\
             N/A,N/A,N/A,N/A,false,N/A,false,N/A,x",
        ])
        .unwrap();
        let root = report.root.unwrap();
        assert_eq!(root.password_enabled, None);
        assert_eq!(root.password_last_changed, When::NotSupported);
        assert_eq!(root.access_keys[0].active, Some(false));

        let [al, zoe] = report.users.try_into().unwrap();
        assert_eq!(zoe.arn.as_deref(), Some("arn"));
        assert_eq!((al.user.as_str(), al.password_enabled), ("al", Some(false)));
        let changed = When::At("2024-05-06T07:08:09Z".parse().unwrap());
        assert_eq!((zoe.password_enabled, &zoe.password_last_changed), (Some(true), &changed));
        assert_eq!((zoe.mfa_active, &zoe.password_last_used), (Some(false), &When::NoInformation));
        let used = UsedFor { service: "s3".to_owned(), region: "eu-west-1".to_owned() };
        let first = KeyRow {
            active: Some(true),
            last_rotated: changed,
            last_used: When::At("2024-06-07T08:09:10Z".parse().unwrap()),
            used_for: Some(used),
        };
        assert_eq!(zoe.access_keys[0], first);
        let odd = KeyRow {
            active: None,
            last_rotated: When::Other("yesterday".to_owned()),
            ..KeyRow::NONE
        };
        assert_eq!(zoe.access_keys[1], odd);
        assert_eq!(al.access_keys, [KeyRow::NONE, KeyRow::NONE]);
    }

    #[test]
    fn the_row_of_root_may_be_missing() {
        let report = report(&[]).unwrap();
        assert_eq!((report.root, report.users), (None, Vec::new()));
    }

    #[test]
    fn what_is_no_report_is_an_error() {
        let missing = parse(b"user,arn\nal,arn", Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(matches!(missing, ReportError::NoColumn("password_enabled")), "{missing}");
        assert!(report(&["al,arn"]).is_err());
        assert!(parse(b"", Timestamp::UNIX_EPOCH).is_err());
        assert!(parse(b"\xff\xfe", Timestamp::UNIX_EPOCH).is_err());
    }
}
