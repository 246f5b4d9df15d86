//! What happens in any account all day.

use serde_json::{Value, json};

/// Records that have nothing in common but that they are records of CloudTrail, as complete as these are,
/// and that no alarm is about them. A pattern that matches one of them matches without end.
pub(super) fn everyday() -> [Value; 3] {
    [by_a_role(), by_a_user(), by_a_service()]
}

fn by_a_role() -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROADEPLOY2345EXAMPLE:deploy",
            "arn": "arn:aws-us-gov:sts::111122223333:assumed-role/deploy/deploy",
            "accountId": "111122223333",
            "accessKeyId": "ASIADEPLOY234EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROADEPLOY2345EXAMPLE",
                    "arn": "arn:aws-us-gov:iam::111122223333:role/deploy",
                    "accountId": "111122223333",
                    "userName": "deploy"
                },
                "attributes": { "creationDate": "2026-11-02T08:00:00Z", "mfaAuthenticated": "false" }
            }
        },
        "eventTime": "2026-11-02T08:14:05Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": "us-gov-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "Boto3/1.40.0",
        "requestParameters": { "instancesSet": {}, "filterSet": {} },
        "responseElements": null,
        "requestID": "0b1f0d3c-6a0e-4f0e-9a52-3e9b8c5d7a10",
        "eventID": "6d5c0f4e-52a7-4d8b-8a4b-0f6f1f3c2b11",
        "readOnly": true,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": { "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256" }
    })
}

fn by_a_user() -> Value {
    json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAMARIA23456EXAMPLE",
            "arn": "arn:aws-us-gov:iam::111122223333:user/maria",
            "accountId": "111122223333",
            "accessKeyId": "AKIAMARIA2345EXAMPLE",
            "userName": "maria"
        },
        "eventTime": "2026-11-03T17:40:59Z",
        "eventSource": "sqs.amazonaws.com",
        "eventName": "CreateQueue",
        "awsRegion": "us-gov-east-1",
        "sourceIPAddress": "203.0.113.25",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": { "queueName": "orders" },
        "responseElements": { "queueUrl": "orders" },
        "requestID": "5b0f7c46-1d2e-5a3f-8b4c-2f1e0d9c8b7a",
        "eventID": "c2a9d3e1-7f60-4b5a-9c8d-1e2f3a4b5c6d",
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": { "tlsVersion": "TLSv1.2", "cipherSuite": "ECDHE-RSA-AES128-GCM-SHA256" }
    })
}

fn by_a_service() -> Value {
    json!({
        "eventVersion": "1.10",
        "userIdentity": { "type": "AWSService", "invokedBy": "lambda.amazonaws.com" },
        "eventTime": "2026-11-04T00:00:01Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "awsRegion": "us-gov-west-1",
        "sourceIPAddress": "lambda.amazonaws.com",
        "userAgent": "lambda.amazonaws.com",
        "requestParameters": { "roleSessionName": "nightly" },
        "responseElements": { "credentials": { "expiration": "Nov 4, 2026, 12:00:01 PM" } },
        "requestID": "e0c1a7d2-3b4c-4d5e-8f60-718293a4b5c6",
        "eventID": "f7e6d5c4-b3a2-4190-8f7e-6d5c4b3a2910",
        "readOnly": true,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management"
    })
}
