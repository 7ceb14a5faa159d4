//! A home folder that an account has not yet.

use crate::model::host_action::HostAction;

use crate::resource::host::command_action::run;

/// Fills a missing home from its skeleton, gives it to its user, and gives it the mode that `useradd` would: that of
/// `HOME_MODE`, else what `UMASK` leaves. `mkhomedir_helper`, part of every Debian, knows neither.
const MAKE_HOME: &str = r#"mode=755
while read -r key value rest; do
    case $key in
        HOME_MODE) mode=$value; break ;;
        UMASK) mode=$(printf %o "$((0777 & ~0$value))") ;;
    esac
done < /etc/login.defs
mkhomedir_helper "$1" 0022 "$2" && chmod "$mode" "$3""#;

/// Makes the home of a user.
pub fn make(user: &str, skeleton: &str, home: &str) -> HostAction {
    run(["sh", "-c", MAKE_HOME, "sh", user, skeleton, home])
}
