#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh EXPORTER PROGRAMS: starts the exporter, makes real events in a network namespace of its own, prints the
# series that changed, and removes all that it made. Needs root.
set -eu

exporter=$1
programs=$2 # an object file with an XDP program in section xdp/first
port=10499
netns=netchange-demo-$$
work=$(mktemp -d)
metrics=http://127.0.0.1:$port/metrics

get() {
  if command -v curl >/dev/null; then curl -sf "$1"; else wget -qO- "$1"; fi
}
counters() {
  get "$metrics" | grep -E '^netchange_(ethtool|xdp|config)[a-z_]*(_total|_value){' | sort >"$1" || true
}
in_netns() { ip netns exec "$netns" "$@"; }
act() {
  printf '  %s\n' "$*"
  in_netns "$@" >/dev/null 2>&1 || true # refusals are events too
}

clean_up() {
  ip netns del "$netns" 2>/dev/null || true
  [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM # else a signal would skip clean_up

ip netns add "$netns"
in_netns ip link add demo0 type veth peer name demo1

"$exporter" --web.listen-address=127.0.0.1:$port --log.level=warn &
pid=$!
tries=0
until get "http://127.0.0.1:$port/-/ready" >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ] || ! kill -0 "$pid"; then
    echo "the exporter did not start" >&2
    exit 1
  fi
  sleep 0.2
done
counters "$work/before"

echo "Events:"
act ethtool -i demo0
act ethtool -m demo0
act ethtool -g demo0
act ethtool -L demo0 rx 1
act sysctl -w net.ipv4.conf.demo0.forwarding=1
act sysctl -w net.ipv4.ip_forward=1
act sh -c "echo banana > /proc/sys/net/ipv4/conf/demo0/rp_filter"
act sh -c "echo 1 > /sys/class/net/demo0/queues/rx-0/rps_cpus"
act ip link set dev demo0 mtu 1400
act ip link set dev demo1 xdpgeneric obj "$programs" sec xdp/first
act ip link set dev demo1 xdpgeneric off

counters "$work/after"
echo
if cmp -s "$work/before" "$work/after"; then
  echo "No series changed: all collectors are blind on this kernel (the warnings above give the reasons)."
  echo "'./dev guest' runs this demo in a virtual machine whose kernel allows it."
else
  echo "Series that changed:"
  awk -v before="$work/before" 'FILENAME == before { seen[$0]; next } !($0 in seen) { print "  " $0 }' \
    "$work/before" "$work/after"
fi
