//! Just enough HTTP/1.1 to pass messages on: those of the SDK, which tell how long they are, and those of the
//! emulator, which closes the connection when asked to.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;

/// A request or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// `POST / HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub(crate) first: String,
    /// The headers, as they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The value of a header, however it is written.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Gives a header this value and no other.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn remove(&mut self, name: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// The status of an answer.
    pub(crate) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// As it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut lines = vec![self.first.clone()];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        [lines.join("\r\n").as_bytes(), b"\r\n\r\n", &self.body].concat()
    }
}

/// The next request of a connection; `None` once the client has closed it.
pub(crate) fn request(from: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
    let Some(mut message) = head(from)? else { return Ok(None) };
    assert_eq!(message.header("Transfer-Encoding"), None, "the SDK tells how long its bodies are");
    let length = message.header("Content-Length").map_or(0, |length| length.parse().unwrap());
    message.body = vec![0; length];
    from.read_exact(&mut message.body)?;
    Ok(Some(message))
}

fn head(from: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    let split = |line: String| {
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        (name.to_owned(), value.trim().to_owned())
    };
    Ok(Some(Message { first, headers: lines.map(split).collect(), body: Vec::new() }))
}

/// Passes a request on; `None` if the connection was closed without an answer.
pub(crate) fn ask(address: &str, request: &Message) -> io::Result<Option<Message>> {
    let mut request = request.clone();
    request.set("Connection", "close");
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(&request.bytes())?;
    let mut reader = BufReader::new(stream);
    // Whoever drops a connection may also reset it.
    let Ok(Some(mut answer)) = head(&mut reader) else { return Ok(None) };
    reader.read_to_end(&mut answer.body)?;
    answer.remove("Connection");
    Ok(Some(answer))
}

#[test]
fn a_message_is_passed_on_as_it_came() {
    let text = "PUT /bucket?policy HTTP/1.1\r\nHost: a\r\nX-Amz-Date: 1:2\r\nContent-Length: 3\r\n\r\n{}\n";
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(text.as_bytes()).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let mut reader = BufReader::new(listener.accept().unwrap().0);
    let mut message = request(&mut reader).unwrap().unwrap();
    assert_eq!(message.bytes(), text.as_bytes());
    assert_eq!(message.header("x-amz-date"), Some("1:2"));
    message.set("host", "b");
    assert_eq!((message.header("Host"), message.headers.len()), (Some("b"), 3));
    assert_eq!(request(&mut reader).unwrap(), None, "it is over");
}
