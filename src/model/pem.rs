//! The form of a PEM text (RFC 7468), as strictly as the servers read it that are given one.
//!
//! Readers differ in what they pass over: one takes two blocks without a line's end between them, which keeps OpenSSL from
//! loading the file, and none says that it did not see a block behind a byte order mark. So the form is judged before.

/// Before a text that Windows wrote.
const MARK: &[u8] = b"\xef\xbb\xbf";

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// The labels of its blocks, in their order; text outside of them is passed over. Fails, in a sentence, when it is written so
/// that a server would not read all of it, or would read something else.
pub fn labels(text: &[u8]) -> Result<Vec<String>, String> {
    unmarked(text)?;
    let mut found = Vec::new();
    let mut open: Option<(usize, &[u8])> = None;
    let mut empty = false;
    // A lone carriage return ends no line for OpenSSL.
    for (number, line) in (1..).zip(text.split(|&byte| byte == b'\n')) {
        let line = line.trim_ascii_end();
        match open {
            None => match label(line, BEGIN) {
                Some(label) => (open, empty) = (Some((number, label)), false),
                None if bordered(line) => return Err(misplaced(number)),
                None => {}
            },
            Some((begun, inside)) => match label(line, END) {
                Some(label) if label == inside => {
                    found.push(String::from_utf8_lossy(label).into_owned());
                    open = None;
                }
                _ if line.starts_with(BEGIN) && label(line, BEGIN).is_some() => {
                    return Err(unended(begun));
                }
                _ if bordered(line) => return Err(misplaced(number)),
                // An empty line parts the headers of an encrypted key from its data.
                _ if empty && !line.is_empty() && !headed(text) => {
                    return Err(format!(
                        "An empty line stands within the block that begins in line {begun}."
                    ));
                }
                _ => empty |= line.is_empty() && number > begun + 1,
            },
        }
    }
    match open {
        Some((begun, _)) => Err(unended(begun)),
        None => Ok(found),
    }
}

/// Fails, in a sentence, for a text whose first block nobody sees.
pub fn unmarked(text: &[u8]) -> Result<(), String> {
    if text.starts_with(MARK) {
        return Err("It begins with a byte order mark, behind which nobody sees the first block: save it as UTF-8 without one.".to_owned());
    }
    Ok(())
}

/// The same of a text that is handed on for everybody to read: it must hold certificates, and no private key.
pub fn certificates_alone(text: &[u8]) -> Result<(), String> {
    let labels = labels(text)?;
    if let Some(key) = labels.iter().find(|label| label.ends_with("PRIVATE KEY")) {
        return Err(format!(
            "There is a private key in it (`-----BEGIN {key}-----`), and everybody on the host may read this file: take the block out."
        ));
    }
    // OpenSSL takes these for certificates, others pass them over.
    let odd = ["TRUSTED CERTIFICATE", "X509 CERTIFICATE"];
    if let Some(odd) = labels.iter().find(|label| odd.contains(&label.as_str())) {
        return Err(format!(
            "There is a `-----BEGIN {odd}-----` in it, which not every server reads: `openssl x509 -in FILE` writes it as `CERTIFICATE`."
        ));
    }
    if labels.iter().any(|label| label == "CERTIFICATE") {
        Ok(())
    } else {
        Err("There is no certificate in it (`-----BEGIN CERTIFICATE-----`).".to_owned())
    }
}

fn label<'a>(line: &'a [u8], border: &[u8]) -> Option<&'a [u8]> {
    let label = line.strip_prefix(border)?.strip_suffix(DASHES)?;
    (!bordered(label)).then_some(label)
}

fn bordered(line: &[u8]) -> bool {
    let holds = |border: &[u8]| line.windows(border.len()).any(|part| part == border);
    holds(BEGIN) || holds(END)
}

fn headed(text: &[u8]) -> bool {
    text.windows(10).any(|part| part == b"Proc-Type:")
}

fn misplaced(number: usize) -> String {
    format!(
        "Line {number} has more in it than one `-----BEGIN …-----` or `-----END …-----` that fits, which no server can load: \
         each stands in a line of its own, and each block ends as it begins."
    )
}

fn unended(begun: usize) -> String {
    format!("The block that begins in line {begun} has no end: the file was cut off.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    fn refused(text: &str) -> String {
        certificates_alone(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn text_around_blocks_and_each_kind_of_line_end_is_taken() {
        let attributes =
            format!("Bag Attributes\n    localKeyID: 01\nsubject=CN = a\n\n{ONE}\n# b\n{ONE}");
        let parameters =
            format!("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n{ONE}");
        for text in [
            attributes,
            parameters,
            ONE.replace('\n', "\r\n"),
            ONE.replace('\n', "  \n"),
            ONE.trim_end().to_owned(),
            ONE.replace("-----\nAAAA", "-----\n\nAAAA"),
        ] {
            assert_eq!(certificates_alone(text.as_bytes()), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_a_server_would_not_load_is_refused() {
        let glued = format!("{}{ONE}", ONE.trim_end());
        assert!(refused(&glued).starts_with("Line 3 has more in it"));
        assert!(refused(&format!("  {ONE}")).starts_with("Line 1 has more in it"));
        let crossed = ONE.replace("END CERTIFICATE", "END X509 CERTIFICATE");
        assert!(refused(&crossed).starts_with("Line 3 has more in it"));
        assert!(refused(&ONE.replace('\n', "\r")).starts_with("Line 1 has more in it"));
        let cut = format!("{ONE}-----BEGIN CERTIFICATE-----\nAA\n");
        assert!(refused(&cut).starts_with("The block that begins in line 4 has no end"));
        assert!(
            refused(&format!("{}{ONE}", &ONE[..33]))
                .starts_with("The block that begins in line 1 has no end")
        );
        assert!(refused(&ONE.replace("AAAA", "AAAA\n\nAAAA")).starts_with("An empty line"));
        assert!(refused(&format!("\u{feff}{ONE}")).starts_with("It begins with a byte order mark"));
        assert!(refused("").starts_with("There is no certificate in it"));
        assert!(refused(&ONE.replace(" CERT", " TRUSTED CERT")).contains("not every server reads"));
    }

    #[test]
    fn a_private_key_of_any_form_is_seen() {
        for form in [
            "PRIVATE KEY",
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
        ] {
            let key = ONE.replace("CERTIFICATE", form);
            for text in [format!("{key}{ONE}"), format!("{ONE}{key}")] {
                assert!(
                    refused(&text).starts_with("There is a private key in it"),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_headers_of_an_encrypted_key_are_parted_from_its_data() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A,B\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(
            labels(key.as_bytes()),
            Ok(vec!["RSA PRIVATE KEY".to_owned()])
        );
    }
}
