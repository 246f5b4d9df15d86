//! Which call a request is: service and region by its signature, the operation by what each protocol says.

use super::wire::Message;
use crate::support::account::Call;

/// Requests to S3: method, what is asked about in the query, operation. The first that fits is meant.
const S3: [(&str, &str, &str); 22] = [
    ("GET", "acl", "GetBucketAcl"),
    ("GET", "location", "GetBucketLocation"),
    ("GET", "logging", "GetBucketLogging"),
    ("GET", "ownershipControls", "GetBucketOwnershipControls"),
    ("GET", "policy", "GetBucketPolicy"),
    ("GET", "policyStatus", "GetBucketPolicyStatus"),
    ("GET", "publicAccessBlock", "GetPublicAccessBlock"),
    ("GET", "tagging", "GetBucketTagging"),
    ("GET", "versioning", "GetBucketVersioning"),
    ("GET", "encryption", "GetBucketEncryption"),
    ("GET", "", "ListBuckets"),
    ("HEAD", "", "HeadBucket"),
    ("PUT", "acl", "PutBucketAcl"),
    ("PUT", "logging", "PutBucketLogging"),
    ("PUT", "policy", "PutBucketPolicy"),
    ("PUT", "publicAccessBlock", "PutPublicAccessBlock"),
    ("PUT", "tagging", "PutBucketTagging"),
    ("PUT", "", "CreateBucket"),
    ("DELETE", "policy", "DeleteBucketPolicy"),
    ("DELETE", "publicAccessBlock", "DeletePublicAccessBlock"),
    ("DELETE", "tagging", "DeleteBucketTagging"),
    ("DELETE", "", "DeleteBucket"),
];

/// How the names of operations begin that change nothing.
const READS: [&str; 5] = ["Describe", "GenerateCredentialReport", "Get", "Head", "List"];

/// The call, which has not succeeded yet; `None` if it is none.
pub(crate) fn call(request: &Message) -> Option<Call> {
    let (_, signed) = request.header("Authorization")?.split_once("Credential=")?;
    let mut scope = signed.split([',', ' ']).next()?.split('/').skip(2);
    let (region, name) = (scope.next()?.to_owned(), scope.next()?);
    let service = if name == "monitoring" { "cloudwatch" } else { name }.to_owned();
    let operation = operation(request, &service)?;
    let is_write = !READS.iter().any(|read| operation.starts_with(read));
    Some(Call { service, region, operation, is_write, succeeded: false })
}

fn operation(request: &Message, service: &str) -> Option<String> {
    let mut words = request.first.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if let Some(target) = request.header("X-Amz-Target") {
        return target.rsplit('.').next().map(ToOwned::to_owned);
    }
    if let Some((_, operation)) = path.split_once("/operation/") {
        return Some(operation.to_owned());
    }
    match service {
        "s3" => {
            let asked =
                |name: &&str| query.split('&').any(|one| one.split('=').next() == Some(name));
            let mut rows = S3.iter().filter(|(of, _, _)| *of == method);
            let row = rows.find(|(_, name, _)| name.is_empty() || asked(name))?;
            Some(row.2.to_owned())
        }
        "account" => {
            let name = path.strip_prefix('/')?;
            Some(name[..1].to_uppercase() + &name[1..])
        }
        _ => {
            let body = std::str::from_utf8(&request.body).ok()?;
            let action = body.split('&').find_map(|field| field.strip_prefix("Action="));
            action.map(ToOwned::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(first: &str, scope: &str, target: Option<&str>, body: &str) -> String {
        let signed = format!("AWS4-HMAC-SHA256 Credential=KEY/20261125/{scope}/aws4_request, S=1");
        let mut headers = vec![("authorization".to_owned(), signed)];
        headers.extend(target.map(|target| ("X-Amz-Target".to_owned(), target.to_owned())));
        let (first, body) = (first.to_owned(), body.as_bytes().to_vec());
        let call = call(&Message { first, headers, body }).unwrap();
        let kind = if call.is_write { "writes" } else { "reads" };
        format!("{} {}:{} {kind}", call.region, call.service, call.operation)
    }

    #[test]
    fn each_protocol_names_its_operations() {
        let post = "POST / HTTP/1.1";
        let query = |scope, body| of(post, scope, None, body);
        let iam = query("us-east-1/iam", "Action=GetRole&Version=2010-05-08&RoleName=a");
        assert_eq!(iam, "us-east-1 iam:GetRole reads");
        let ec2 = query("eu-west-1/ec2", "Version=2016-11-15&Action=CreateFlowLogs");
        assert_eq!(ec2, "eu-west-1 ec2:CreateFlowLogs writes");
        let json = of(post, "eu-west-1/kms", Some("TrentService.ListKeys"), "{}");
        assert_eq!(json, "eu-west-1 kms:ListKeys reads");
        let cbor = "POST /service/GraniteServiceVersion20100801/operation/DeleteAlarms HTTP/1.1";
        let cbor = of(cbor, "eu-west-1/monitoring", None, "");
        assert_eq!(cbor, "eu-west-1 cloudwatch:DeleteAlarms writes");
        let account = of("POST /putAlternateContact HTTP/1.1", "us-east-1/account", None, "{}");
        assert_eq!(account, "us-east-1 account:PutAlternateContact writes");
    }

    #[test]
    fn s3_names_its_operations_by_method_and_query() {
        let s3 = |first| of(first, "eu-west-1/s3", None, "");
        assert_eq!(s3("GET /b?policyStatus HTTP/1.1"), "eu-west-1 s3:GetBucketPolicyStatus reads");
        assert_eq!(s3("HEAD /b HTTP/1.1"), "eu-west-1 s3:HeadBucket reads");
        assert_eq!(s3("PUT /b/ HTTP/1.1"), "eu-west-1 s3:CreateBucket writes");
        assert_eq!(s3("PUT /b?policy= HTTP/1.1"), "eu-west-1 s3:PutBucketPolicy writes");
        assert_eq!(s3("DELETE /b?x-id=1 HTTP/1.1"), "eu-west-1 s3:DeleteBucket writes");
    }
}
