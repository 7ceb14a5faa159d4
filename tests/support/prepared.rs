//! A host as far as deployments need it, without all that the shipped playbook does beside.

/// What the shipped playbook makes of a host that `deploy_key` deploys the project `review` to.
pub const PLAYBOOK: &str = r#"
- hosts: all
  gather_facts: false
  vars:
    deploy_user: deploy
    deploy_profile: sudo-docker
    deploy_directories: [/srv/review, /srv/review/data]
    compose_project: review
    compose_file: /srv/review/docker-compose.yml
  tasks:
    - ansible.builtin.apt:
        name: [docker.io, docker-cli, docker-compose, iptables, busybox-static]
        install_recommends: false
        update_cache: true
    - ansible.builtin.user: { name: "{{ deploy_user }}", shell: /bin/bash }
    - ansible.posix.authorized_key: { user: "{{ deploy_user }}", key: "{{ deploy_key }}" }
    - ansible.builtin.copy:
        dest: /etc/sudoers.d/90-deploy
        mode: "0440"
        content: "deploy ALL=(root) NOPASSWD: /usr/bin/docker\n"
    - ansible.builtin.file: { path: "{{ item }}", state: directory, owner: "{{ deploy_user }}" }
      loop: "{{ deploy_directories }}"
    - ansible.builtin.copy: { src: docker-compose.yml, dest: "{{ compose_file }}", owner: "{{ deploy_user }}" }
"#;

/// For a shell on the host: `image NAME SCRIPT` makes an image of nothing but busybox, from no registry, whose `/bin/app`
/// is that script.
pub const IMAGE: &str = r#"
set -e
image() {
	rm -rf /tmp/image
	mkdir -p /tmp/image/bin /tmp/image/data
	cp /bin/busybox /tmp/image/bin/
	for name in sh sleep cat echo touch tr; do ln -s busybox "/tmp/image/bin/$name"; done
	printf '#!/bin/sh\n%s\n' "$2" >/tmp/image/bin/app
	chmod 755 /tmp/image/bin/app
	tar -C /tmp/image -c . | docker import - "$1" >/dev/null
}
"#;

/// What a deployment says whose image does not come up, once, with the last lines of its log.
#[track_caller]
pub fn was_brought_back(said: &str) {
    for words in [
        "the new containers do not come up",
        "The last lines of its log",
        "The release before was brought back",
    ] {
        assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
    }
    assert!(said.contains("broken on purpose"), "{said}");
}
