#!/usr/bin/env bash
# The first process of a namespace that plays a host: its own /run, /etc and state directory, then it waits for the end of its input.
# When whoever holds the other end of the pipe goes away, however that happens, this ends and the kernel ends everything in here with it.
set -euo pipefail

mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/netns /run/lock /run/host/{upper,work}
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/host/upper,workdir=/run/host/work /etc
mount -t tmpfs -o mode=0755 tmpfs /var/lib
ip link set lo up

# A machine of the same LAN (192.0.2.0/24), and "the internet" (198.51.100.0/24) which knows no way back to any other network.
ip netns add client
ip link add eth0 type veth peer name eth0 netns client
ip address add 192.0.2.1/24 dev eth0
ip link set eth0 up
ip -n client link set lo up
ip -n client address add 192.0.2.2/24 dev eth0
ip -n client link set eth0 up
ip -n client route add default via 192.0.2.1

ip netns add upstream
ip link add eth1 type veth peer name eth0 netns upstream
ip address add 198.51.100.1/24 dev eth1
ip link set eth1 up
ip -n upstream link set lo up
ip -n upstream address add 198.51.100.53/24 dev eth0
ip -n upstream link set eth0 up
ip route add default via 198.51.100.53

rm -f /etc/resolv.conf
echo 'nameserver 198.51.100.53' >/etc/resolv.conf
mkdir -p /etc/netns

echo ready
# bash, unlike cat, also collects the orphans that a first process inherits.
while read -r _; do :; done
