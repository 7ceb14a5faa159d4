//! What the DNS says of a name, as a name server answers it (RFC 1035).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use domain::base::iana::{Class, Rcode};
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::rdata::{A, Aaaa, Caa};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use super::name_servers::name_servers;
use crate::model::network::Issuer;
use crate::model::{Class as FailureClass, Failure};

/// How long a server may take before it is asked again, and the next one after it: shorter than the five seconds of
/// resolv.conf(5), because a person waits.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often each server is asked, because a datagram may be lost.
const TRIES: u32 = 2;

type Answered = Message<Vec<u8>>;

/// The addresses of a name, those of its aliases among them; none where it has none.
///
/// Fails when every server is silent or says that it failed.
pub async fn addresses(name: &str, resolver: Option<&str>) -> Result<Vec<IpAddr>, Failure> {
    let (four, six) = futures::try_join!(
        asked(name, Rtype::A, resolver),
        asked(name, Rtype::AAAA, resolver)
    )?;
    let unreadable = |_| garbled(name);
    let mut found = Vec::new();
    for record in four.answer().map_err(unreadable)?.limit_to::<A>() {
        let record = record.map_err(unreadable)?;
        found.push(IpAddr::V4(record.data().addr()));
    }
    for record in six.answer().map_err(unreadable)?.limit_to::<Aaaa>() {
        let record = record.map_err(unreadable)?;
        found.push(IpAddr::V6(record.data().addr()));
    }
    Ok(found)
}

/// Who may issue certificates for a name, where it says so itself. Fails as [`addresses`].
pub async fn issuers(name: &str, resolver: Option<&str>) -> Result<Vec<Issuer>, Failure> {
    let answered = asked(name, Rtype::CAA, resolver).await?;
    let unreadable = |_| garbled(name);
    let mut found = Vec::new();
    for record in answered.answer().map_err(unreadable)?.limit_to::<Caa<_>>() {
        let record = record.map_err(unreadable)?;
        let caa = record.data();
        found.push(Issuer {
            critical: caa.flags().bits() & CRITICAL != 0,
            tag: caa.tag().to_string().to_lowercase(),
            value: String::from_utf8_lossy(caa.value()).into_owned(),
        });
    }
    Ok(found)
}

/// The bit of a record's flags that says so (RFC 8659, section 4.1).
const CRITICAL: u8 = 0b1000_0000;

/// A server's answer to one question, that the name is not there among the answers.
async fn asked(name: &str, kind: Rtype, resolver: Option<&str>) -> Result<Answered, Failure> {
    answer_of(name, kind, &name_servers(resolver)?).await
}

/// The answer of the first server that has one. One that fails, or asks nobody for us, says nothing of the name, so that
/// the next is asked; it is a failure when none is left, unreachable where none said anything at all.
async fn answer_of(name: &str, kind: Rtype, servers: &[SocketAddr]) -> Result<Answered, Failure> {
    let (id, question) = question(name, kind)?;
    let (mut whys, mut class) = (Vec::new(), FailureClass::Unreachable);
    for &server in servers {
        for _ in 0..TRIES {
            let asking = over_udp(server, id, &question);
            match tokio::time::timeout(PATIENCE, asking).await {
                Ok(Ok(answered)) => match no_answer(&answered) {
                    None => return Ok(answered),
                    Some(why) => {
                        class = FailureClass::Error;
                        whys.push(format!("{server} {why}."));
                        break;
                    }
                },
                Ok(Err(error)) => {
                    whys.push(format!("{server}: {error}."));
                    break;
                }
                Err(_) => whys.push(format!("{server} did not answer.")),
            }
        }
    }
    whys.dedup();
    Err(failed(name).class(class).why(whys.join(" ")))
}

/// Why what a server sent says nothing of the name; none where it does, or says that there is no such name.
fn no_answer(answered: &Answered) -> Option<String> {
    let header = answered.header();
    match header.rcode() {
        Rcode::NXDOMAIN => None,
        // That nothing is there is said by whom the name belongs to, by who asked them, or with their word for it (RFC
        // 2308, section 2.2). Without all of that a server only points at others.
        Rcode::NOERROR => {
            let counts = answered.header_counts();
            let points_on =
                counts.ancount() == 0 && !header.aa() && !header.ra() && !has_authority(answered);
            points_on.then(|| "does not look names up for others".to_owned())
        }
        code => Some(format!("answers {code}")),
    }
}

fn has_authority(answered: &Answered) -> bool {
    let records = answered.authority().into_iter().flatten();
    records.flatten().any(|record| record.rtype() == Rtype::SOA)
}

/// A question that is to be followed to its end, and its number.
fn question(name: &str, kind: Rtype) -> Result<(u16, Vec<u8>), Failure> {
    let mut id = [0; 2];
    getrandom::fill(&mut id).map_err(|error| {
        failed(name).why(format!("The system gives no random numbers: {error}"))
    })?;
    let id = u16::from_be_bytes(id);
    let unfit = |error: &dyn std::fmt::Display| failed(name).why(format!("{error}."));
    let labels: Name<Vec<u8>> = Name::from_chars(name.chars()).map_err(|error| unfit(&error))?;
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_id(id);
    message.header_mut().set_rd(true);
    let mut message = message.question();
    message
        .push((labels, kind, Class::IN))
        .map_err(|error| unfit(&error))?;
    Ok((id, message.finish()))
}

/// Asks by a datagram, and by a connection where the answer is too long for one (RFC 7766).
async fn over_udp(server: SocketAddr, id: u16, question: &[u8]) -> std::io::Result<Answered> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let Some(answered) = read(&buffer[..length], id, question) else {
            continue;
        };
        return match answered.header().tc() {
            true => over_tcp(server, id, question).await,
            false => Ok(answered),
        };
    }
}

async fn over_tcp(server: SocketAddr, id: u16, question: &[u8]) -> std::io::Result<Answered> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(std::io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(question).await?;
    let length = stream.read_u16().await?;
    let mut buffer = vec![0; usize::from(length)];
    stream.read_exact(&mut buffer).await?;
    let foreign = || std::io::Error::other("it answered something else");
    read(&buffer, id, question).ok_or_else(foreign)
}

/// The answer to this question; none for anything else, which whoever guesses the port may send.
fn read(bytes: &[u8], id: u16, question: &[u8]) -> Option<Answered> {
    let answered = Message::from_octets(bytes.to_vec()).ok()?;
    let asked = Message::from_octets(question).ok()?;
    (answered.header().id() == id && answered.is_answer(&asked)).then_some(answered)
}

fn failed(name: &str) -> Failure {
    Failure::new(
        "a name cannot be looked up",
        format!("asking the DNS for {name}"),
    )
}

fn garbled(name: &str) -> Failure {
    failed(name).why("The answer cannot be read.")
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// An answer to a question, cut short or with an address.
    fn answer(question: &[u8], cut: bool) -> Vec<u8> {
        let question = Message::from_octets(question).unwrap();
        let mut answer = MessageBuilder::new_vec()
            .start_answer(&question, Rcode::NOERROR)
            .unwrap();
        answer.header_mut().set_tc(cut);
        if !cut {
            let name = question.first_question().unwrap().into_qname();
            let address = A::new(Ipv4Addr::new(192, 0, 2, 1));
            answer.push((name, Class::IN, 60, address)).unwrap();
        }
        answer.finish()
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_for_a_datagram_is_asked_for_by_a_connection_and_a_strange_one_is_passed_over()
     {
        let stream = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = stream.local_addr().unwrap();
        let datagrams = UdpSocket::bind(server).await.unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            let (length, from) = datagrams.recv_from(&mut buffer).await.unwrap();
            let mut strange = answer(&buffer[..length], false);
            strange[0] ^= 1;
            datagrams.send_to(&strange, from).await.unwrap();
            let cut = answer(&buffer[..length], true);
            datagrams.send_to(&cut, from).await.unwrap();
            let (mut taken, _) = stream.accept().await.unwrap();
            let length = usize::from(taken.read_u16().await.unwrap());
            taken.read_exact(&mut buffer[..length]).await.unwrap();
            let whole = answer(&buffer[..length], false);
            let length = u16::try_from(whole.len()).unwrap();
            taken.write_u16(length).await.unwrap();
            taken.write_all(&whole).await.unwrap();
        });
        let (id, question) = question("example.org", Rtype::A).unwrap();
        let answered = over_udp(server, id, &question).await.unwrap();
        let mut found = answered.answer().unwrap().limit_to::<A>();
        let record = found.next().unwrap().unwrap();
        assert_eq!(record.data().addr(), Ipv4Addr::new(192, 0, 2, 1));
    }

    /// A server that answers whatever it is asked with this code and nothing else, as one that looks names up or not.
    async fn server(code: Rcode, looks_up: bool) -> SocketAddr {
        let datagrams = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let server = datagrams.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            loop {
                let (length, from) = datagrams.recv_from(&mut buffer).await.unwrap();
                let question = Message::from_octets(&buffer[..length]).unwrap();
                let answer = MessageBuilder::new_vec().start_answer(&question, code);
                let mut answer = answer.unwrap();
                answer.header_mut().set_ra(looks_up);
                datagrams.send_to(&answer.finish(), from).await.unwrap();
            }
        });
        server
    }

    #[tokio::test]
    async fn the_next_server_is_asked_where_one_has_no_answer() {
        let nobody: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let broken = server(Rcode::SERVFAIL, true).await;
        let closed = server(Rcode::REFUSED, false).await;
        let points_on = server(Rcode::NOERROR, false).await;
        let knows = server(Rcode::NXDOMAIN, true).await;
        let empty = server(Rcode::NOERROR, true).await;
        let asked =
            async |servers: &[SocketAddr]| answer_of("example.org", Rtype::A, servers).await;

        let answered = asked(&[nobody, broken, closed, points_on, knows, empty])
            .await
            .unwrap();
        assert_eq!(answered.header().rcode(), Rcode::NXDOMAIN);
        // That there is no such name is an answer, which no other server is asked for.
        let answered = asked(&[knows, empty]).await.unwrap();
        assert_eq!(answered.header().rcode(), Rcode::NXDOMAIN);
        let answered = asked(&[points_on, empty]).await.unwrap();
        assert_eq!(answered.header().rcode(), Rcode::NOERROR);

        let failure = asked(&[broken, closed, points_on]).await.unwrap_err();
        assert_eq!(
            failure.why,
            format!(
                "{broken} answers SERVFAIL. {closed} answers REFUSED. {points_on} does not look names up for others."
            )
        );
        assert_eq!(failure.class, FailureClass::Error);
        let failure = asked(&[nobody]).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Unreachable);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told() {
        let failure = addresses("example.org", Some("127.0.0.1:1"))
            .await
            .unwrap_err();
        assert!(failure.why.starts_with("127.0.0.1:1: "), "{failure}");
    }
}
