//! The relay on real sockets: everyone has an address of their own behind it, and orders count at once.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::net::UdpSocket;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use aqlinks_relay::{Control, Options, Relay, Remote};

struct Network {
    /// Ends the relay; declared first.
    remote: Option<Remote>,
    clients: [UdpSocket; 2],
    server: UdpSocket,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Network {
    fn drop(&mut self) {
        self.remote = None;
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Network {
    fn new() -> Self {
        let (relay, remote) = Relay::bind(Options { ports: 1, seed: 1 }).unwrap();
        let address = relay.addresses().unwrap()[0];
        let [server, one, two] = [(); 3].map(|()| {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            socket
        });
        for client in [&one, &two] {
            client.connect(address).unwrap();
        }
        let thread = Some(thread::spawn(move || relay.run().unwrap()));
        let network = Self { remote: Some(remote), clients: [one, two], server, thread };
        let to = Some(vec![network.server.local_addr().unwrap()]);
        network.tell(Control { to, ..Control::default() });
        network
    }

    fn tell(&self, control: Control) -> aqlinks_relay::Report {
        self.remote.as_ref().unwrap().tell(control).unwrap()
    }
}

#[test]
fn everyone_has_an_address_of_their_own_and_answers_find_the_way_back() {
    let network = Network::new();
    let mut buffer = [0; 16];
    let mut addresses = Vec::new();
    for (client, word) in network.clients.iter().zip([b"one", b"two"]) {
        client.send(word).unwrap();
        let (len, address) = network.server.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], word);
        addresses.push(address);
    }
    assert_ne!(addresses[0], addresses[1]);
    for (client, address) in network.clients.iter().zip(&addresses) {
        network.server.send_to(&address.port().to_be_bytes(), address).unwrap();
        assert_eq!(client.recv(&mut buffer).unwrap(), 2);
        assert_eq!(buffer[..2], address.port().to_be_bytes());
    }
    let report = network.tell(Control::default());
    assert_eq!((report.clients, report.up.sent, report.down.sent), (2, 2, 2));
}

#[test]
fn an_order_counts_at_once_and_only_in_its_direction() {
    let network = Network::new();
    let [client, _] = &network.clients;
    let mut buffer = [0; 16];
    network.tell(Control::read(r#"{"down":{"delayMs":80},"up":{"loss":100}}"#).unwrap());
    client.send(b"lost").unwrap();
    while network.tell(Control::default()).up.lost == 0 {
        thread::yield_now();
    }
    network.tell(Control::read(r#"{"up":{}}"#).unwrap());
    client.send(b"heard").unwrap();
    let (len, address) = network.server.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..len], b"heard");
    let sent = Instant::now();
    network.server.send_to(b"late", address).unwrap();
    client.recv(&mut buffer).unwrap();
    assert!(sent.elapsed() >= Duration::from_millis(80));
}

#[test]
fn nonsense_is_refused_in_words() {
    for (line, word) in [
        (r#"{"down":{"loss":101}}"#, "percentages"),
        (r#"{"down":{"rateKbit":0}}"#, "rateKbit"),
        (r#"{"up":{"delayMs":-1}}"#, "delayMs"),
        (r#"{"sideways":{}}"#, "sideways"),
    ] {
        assert!(Control::read(line).unwrap_err().contains(word), "{line}");
    }
}
