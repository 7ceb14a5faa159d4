//! Permission bits as Ansible's `mode` takes them: `"0644"`, the integer YAML makes of `0644`, `u=rwX,g=rX`.

use crate::model::Value;

/// A mode: bits, or changes to the bits that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// These bits.
    Bits(u32),
    /// Clauses such as `g+w`, applied in order.
    Clauses(Vec<Clause>),
}

/// `u=rw` or `a+X`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    who: String,
    operator: char,
    what: String,
}

impl Mode {
    /// Reads a mode. The error is a sentence that follows "`mode`".
    pub fn read(value: &Value) -> Result<Self, String> {
        let text = match value {
            Value::Number(number) => return from_number(number.as_u64()),
            Value::String(text) => text.trim(),
            _ => return Err("must be a text such as \"0644\" or u=rw,g=r".to_owned()),
        };
        let digits = text.strip_prefix("0o").unwrap_or(text);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            return u32::from_str_radix(digits, 8)
                .ok()
                .filter(|bits| *bits <= 0o7777)
                .map(Mode::Bits)
                .ok_or_else(|| format!("`{text}` is not an octal mode between 0000 and 7777"));
        }
        let clauses: Result<Vec<_>, _> = text.split(',').map(clauses).collect();
        Ok(Mode::Clauses(clauses?.concat()))
    }

    /// The bits for something that has `current`; `X` means search on a folder.
    pub fn bits(&self, current: u32, folder: bool) -> u32 {
        match self {
            Mode::Bits(bits) => *bits,
            Mode::Clauses(clauses) => clauses
                .iter()
                .fold(current, |bits, clause| clause.apply(bits, folder)),
        }
    }
}

fn from_number(number: Option<u64>) -> Result<Mode, String> {
    match number.and_then(|number| u32::try_from(number).ok()) {
        // 0512 to 0777 in decimal are modes that nobody means (sticky, and no rights for the owner), but three octal
        // digits without the leading zero are written often.
        Some(number)
            if (512..=777).contains(&number)
                && number.to_string().bytes().all(|digit| digit < b'8') =>
        {
            Err(format!(
                "is the decimal number {number}, which is the mode {number:04o}; write it in quotes as \"0{number}\""
            ))
        }
        Some(bits) if bits <= 0o7777 => Ok(Mode::Bits(bits)),
        _ => Err("is a number that is no mode; write it in quotes, as \"0644\"".to_owned()),
    }
}

/// `u=rw+X` holds two clauses.
fn clauses(text: &str) -> Result<Vec<Clause>, String> {
    let wrong = || format!("`{text}` is not a symbolic mode such as u=rwX or g-w");
    let split = text.find(['+', '-', '=']).ok_or_else(wrong)?;
    let (who, mut rest) = text.split_at(split);
    if !who.chars().all(|c| "ugoa".contains(c)) {
        return Err(wrong());
    }
    let who = if who.is_empty() || who.contains('a') {
        "ugo"
    } else {
        who
    };
    let mut found = Vec::new();
    while let Some(operator) = rest.chars().next() {
        let body = &rest[1..];
        let end = body.find(['+', '-', '=']).unwrap_or(body.len());
        let what = &body[..end];
        let copies = matches!(what, "u" | "g" | "o");
        if !copies && !what.chars().all(|c| "rwxXst".contains(c)) {
            return Err(wrong());
        }
        found.push(Clause {
            who: who.to_owned(),
            operator,
            what: what.to_owned(),
        });
        rest = &body[end..];
    }
    Ok(found)
}

impl Clause {
    fn apply(&self, bits: u32, folder: bool) -> u32 {
        self.who.chars().fold(bits, |bits, who| {
            let (shift, own) = match who {
                'u' => (6, 0o4700),
                'g' => (3, 0o2070),
                _ => (0, 0o1007),
            };
            let set = self.rights(bits, shift, who, folder);
            match self.operator {
                '+' => bits | set,
                '-' => bits & !set,
                // A folder keeps its set-id bits unless they are named, as chmod does.
                _ => {
                    let own = if folder { own & 0o1777 } else { own };
                    (bits & !own) | set
                }
            }
        })
    }

    fn rights(&self, bits: u32, shift: u32, who: char, folder: bool) -> u32 {
        match self.what.as_str() {
            "u" => return ((bits >> 6) & 7) << shift,
            "g" => return ((bits >> 3) & 7) << shift,
            "o" => return (bits & 7) << shift,
            _ => {}
        }
        self.what.chars().fold(0, |set, what| {
            set | match (what, who) {
                ('r', _) => 4 << shift,
                ('w', _) => 2 << shift,
                ('x', _) => 1 << shift,
                ('X', _) if folder || bits & 0o111 != 0 => 1 << shift,
                ('s', 'u') => 0o4000,
                ('s', 'g') => 0o2000,
                ('t', 'o') => 0o1000,
                _ => 0,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Mode;
    use crate::model::Value;

    fn bits(text: &str, current: u32, folder: bool) -> u32 {
        Mode::read(&Value::from(text))
            .unwrap()
            .bits(current, folder)
    }

    #[test]
    fn modes_are_read_as_ansible_reads_them() {
        assert_eq!(bits("0644", 0, false), 0o644);
        assert_eq!(bits("755", 0, false), 0o755);
        assert_eq!(Mode::read(&Value::from(420)), Ok(Mode::Bits(0o644)));
        assert_eq!(bits("u=rwX,g=rX,o=", 0o777, false), 0o750);
        assert_eq!(bits("u=rwX,g=rX,o=", 0o666, false), 0o640);
        assert_eq!(bits("u=rwX,g=rX,o=", 0o600, true), 0o750);
        assert_eq!(bits("+x", 0o644, false), 0o755);
        assert_eq!(bits("g=u,o-rwx", 0o755, false), 0o770);
        assert_eq!(bits("u+s,o+t", 0o755, false), 0o5755);
    }

    #[test]
    fn a_decimal_that_looks_octal_is_refused() {
        for value in [
            Value::from(644),
            Value::from(755),
            Value::from("9"),
            Value::from("u=q"),
        ] {
            assert!(Mode::read(&value).is_err(), "{value}");
        }
    }
}
