//! The plain protocol over a WebSocket that never blocks, as an old client speaks it.

use std::io;
use std::net::{SocketAddr, TcpStream as StdTcpStream, ToSocketAddrs};

use mio::net::TcpStream;
use serde::{Deserialize, Serialize};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::{Message, WebSocket};

#[derive(Deserialize)]
struct Envelope {
    event: String,
    #[serde(default)]
    data: serde_json::Value,
}

#[derive(Deserialize)]
struct Offer {
    sdp: String,
}

#[derive(Deserialize)]
struct Candidate {
    #[serde(default)]
    candidate: String,
}

#[derive(Serialize)]
struct Outgoing<'a> {
    event: &'a str,
    data: String,
}

/// What the server says that matters here.
#[derive(Debug)]
pub enum FromServer {
    Offer(String),
    Candidate(String),
    Error(String),
}

enum State {
    Handshaking(MidHandshake<ClientHandshake<TcpStream>>),
    Open(WebSocket<TcpStream>),
    Closed,
}

pub struct Signalling {
    state: State,
}

impl Signalling {
    /// `url` without the token, as `ws://127.0.0.1:8080/aq_server/websocket`.
    pub fn connect(url: &str, token: &str) -> Result<Self, String> {
        let request = format!("{url}?token={token}").into_client_request().map_err(|error| error.to_string())?;
        let authority = request.uri().authority().ok_or("the address of the server has no host")?;
        let address = resolve(authority.host(), authority.port_u16().unwrap_or(80))?;
        let stream = StdTcpStream::connect(address).map_err(|error| format!("cannot reach {address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        stream.set_nonblocking(true).map_err(|error| error.to_string())?;
        let state = after_handshake(tungstenite::client(request, TcpStream::from_std(stream)))?;
        Ok(Signalling { state })
    }

    /// To register for events; `None` once closed.
    pub fn stream(&mut self) -> Option<&mut TcpStream> {
        match &mut self.state {
            State::Handshaking(handshake) => Some(handshake.get_mut().get_mut()),
            State::Open(socket) => Some(socket.get_mut()),
            State::Closed => None,
        }
    }

    /// Everything that waits to be read.
    pub fn read(&mut self) -> Result<Vec<FromServer>, String> {
        if matches!(self.state, State::Handshaking(_))
            && let State::Handshaking(handshake) = std::mem::replace(&mut self.state, State::Closed)
        {
            self.state = after_handshake(handshake.handshake())?;
        }
        let State::Open(socket) = &mut self.state else { return Ok(Vec::new()) };
        let mut messages = Vec::new();
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => messages.extend(understand(&text)?),
                Ok(Message::Close(frame)) => {
                    let reason = frame.map(|frame| format!("{} {}", frame.code, frame.reason)).unwrap_or_default();
                    return Err(format!("the server closed the connection: {reason}"));
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Ok(messages),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    pub fn answer(&mut self, sdp: &str) -> Result<(), String> {
        let State::Open(socket) = &mut self.state else { return Err("the connection is not open".into()) };
        let data = serde_json::json!({ "type": "answer", "sdp": sdp }).to_string();
        let text = serde_json::to_string(&Outgoing { event: "answer", data }).map_err(|error| error.to_string())?;
        socket.send(Message::text(text)).map_err(|error| error.to_string())
    }

    pub fn close(&mut self) {
        if let State::Open(socket) = &mut self.state {
            // Whether the server hears it or only sees the connection end makes no difference.
            let _ = socket.close(None).and_then(|()| socket.flush());
        }
        self.state = State::Closed;
    }
}

type Handshaken = Result<
    (WebSocket<TcpStream>, tungstenite::handshake::client::Response),
    HandshakeError<ClientHandshake<TcpStream>>,
>;

fn after_handshake(result: Handshaken) -> Result<State, String> {
    match result {
        Ok((socket, _)) => Ok(State::Open(socket)),
        Err(HandshakeError::Interrupted(handshake)) => Ok(State::Handshaking(handshake)),
        Err(HandshakeError::Failure(tungstenite::Error::Http(response))) => {
            let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            Err(format!("the server refused the connection: {} {body}", response.status()))
        }
        Err(HandshakeError::Failure(error)) => Err(error.to_string()),
    }
}

fn understand(text: &str) -> Result<Option<FromServer>, String> {
    let broken = |error: serde_json::Error| format!("the server sent what this client cannot read: {error}");
    let envelope: Envelope = serde_json::from_str(text).map_err(broken)?;
    let data = envelope.data.as_str().unwrap_or_default();
    Ok(match envelope.event.as_str() {
        "offer" => Some(FromServer::Offer(serde_json::from_str::<Offer>(data).map_err(broken)?.sdp)),
        "candidate" => {
            let Candidate { candidate } = serde_json::from_str(data).map_err(broken)?;
            candidate.strip_prefix("candidate:").map(|line| FromServer::Candidate(line.into()))
        }
        "error" => Some(FromServer::Error(data.into())),
        _ => None,
    })
}

fn resolve(host: &str, port: u16) -> Result<SocketAddr, String> {
    (host, port)
        .to_socket_addrs()
        .map_err(|error| format!("cannot resolve {host}: {error}"))?
        .next()
        .ok_or_else(|| format!("{host} has no address"))
}
