/**
 * The first process of a command's own namespaces (namespaces(7)). It makes a root of its own (a read-only system, the
 * job's folders, nothing else of the machine), brings up the loopback device, which is the only one there, and
 * runs the command without any capability. When it ends, the kernel ends whatever else is in them.
 *
 * $1 mount point, $2 project, $3 home, $4 temporary files, $5 Node.js's folder, $6 user id or empty, $7 directory below the
 * project; then the command. Places inside: `INSIDE`.
 */
export const NAMESPACE_SCRIPT = `
set -eu
root=$1 project=$2 home=$3 temporary=$4 node=$5 user=$6 folder=$7
shift 7
mount -t tmpfs -o mode=0755,size=1m tmpfs "$root"
show() {
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  mount -o "remount,bind,nosuid,nodev,$3" "$root$2"
}
for place in /usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc /opt; do
  if [ -L "$place" ]; then ln -s "$(readlink "$place")" "$root$place"
  elif [ -d "$place" ]; then show "$place" "$place" ro; fi
done
show "$node" /sandbox/node ro
show "$project" /sandbox/project rw
show "$home" /sandbox/home rw
show "$temporary" /tmp rw
mkdir "$root/proc" "$root/dev" "$root/dev/shm" "$root/old"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
for device in null zero full random urandom; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev tmpfs "$root/dev/shm"
if [ -n "$user" ]; then
  { cat /etc/passwd; echo "sandbox:x:$user:$user::/sandbox/home:/bin/sh"; } > "$root/passwd"
  mount --bind "$root/passwd" "$root/etc/passwd"
fi
ip link set lo up 2>/dev/null ||
  perl -e 'socket(S, 2, 2, 0) && ioctl(S, 0x8914, pack("Z16s", "lo", 0x49)) or exit 1'
cd "$root"
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,ro /
cd "/sandbox/project/$folder"
unset OLDPWD
status=0
if [ -n "$user" ]; then set -- --reuid "$user" --regid "$user" --clear-groups -- "$@"; else set -- -- "$@"; fi
setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@" || status=$?
exit "$status"
`;

/** Where things lie for a command in namespaces of its own. */
export const INSIDE = {
  home: "/sandbox/home",
  temporary: "/tmp",
  nodeBin: "/sandbox/node/bin",
} as const;
