//! For tests: AWS as a server on loopback that answers what the test says.

mod cbor;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use super::{Clients, OwnKeys, Session};
use crate::model::{AccessKeyId, Account, AccountId, Own, Partition, Region};

/// A session whose every call goes to the fake.
pub(crate) struct Fake {
    pub(crate) session: Session,
    pub(crate) clients: Clients,
    requests: Arc<Mutex<Vec<String>>>,
}

/// Starts a fake. It is given each request, headers and body, and gives status and body. Headers of
/// S3 may stand before the body, with an empty line after them. CloudWatch is asked and answers in JSON,
/// which is CBOR on the wire.
pub(crate) fn fake(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&requests);
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            thread::spawn(move || serve(stream.unwrap(), &log, &*answer));
        }
    });
    let session = session(config(&url));
    Fake { clients: session.clients(), session, requests }
}

impl Fake {
    /// The requests that contain the text.
    pub(crate) fn requests(&self, with: &str) -> Vec<String> {
        let all = self.requests.lock().unwrap();
        all.iter().filter(|request| request.contains(with)).cloned().collect()
    }
}

/// An error as EC2 writes it.
pub(crate) fn ec2_error(status: u16, code: &str, message: &str) -> (u16, String) {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status, format!("<Response><Errors>{error}</Errors></Response>"))
}

/// An error as IAM writes it.
pub(crate) fn iam_error(status: u16, code: &str, message: &str) -> (u16, String) {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: impl Fn(&str) -> (u16, String)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        request.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let binary = request.contains("smithy-protocol: rpc-v2-cbor");
    if binary {
        request.push_str(&cbor::decode(&body).to_string());
    } else {
        request.push_str(&String::from_utf8(body).unwrap());
    }
    log.lock().unwrap().push(request.clone());
    let (status, body) = answer(&request);
    let headers = body.starts_with("x-amz-").then(|| body.split_once("\r\n\r\n")).flatten();
    let (headers, body) = headers.unwrap_or(("x-amz-id-2: 1", &body));
    let (headers, body) = if binary {
        let json = serde_json::from_str(body).unwrap();
        ("smithy-protocol: rpc-v2-cbor", cbor::encode(&json))
    } else {
        (headers, body.as_bytes().to_vec())
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n\r\n"
    );
    // The client may have gone away: that is its right.
    let _ = stream.write_all(&[head.into_bytes(), body].concat());
}

fn config(url: &str) -> SdkConfig {
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let keys = Credentials::new("key", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_config::Region::from_static("eu-west-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .retry_config(retries)
        .build()
}

fn session(config: SdkConfig) -> Session {
    let caller = "arn:aws:iam::111122223333:user/a".to_owned();
    let partition = Partition::of_arn(&caller).unwrap();
    let account = Account { id: AccountId::new("111122223333"), alias: None, partition };
    Session {
        own: Own::of(&account, &[&caller, &account.arn("iam", "", "role/own")]),
        account,
        caller,
        own_keys: OwnKeys::new([AccessKeyId::new("key")]),
        user_id: "AIDA".to_owned(),
        region: Region::new("eu-west-1"),
        config,
        budget: None,
        through: None,
    }
}
