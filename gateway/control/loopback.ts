/** Whether an address or a host name is this machine's own: what demo keys and the page rely on. */

/**
 * Whether a peer's address is loopback: 127.0.0.0/8, ::1, and IPv4 mapped into IPv6, in the short
 * form that Node prints and in the long one that uWebSockets.js does.
 */
export function isLoopbackAddress(address: string): boolean {
  const bare = address.toLowerCase().replace(/^(::|(0{1,4}:){5})ffff:/, "");
  return bare.startsWith("127.") || /^7f[0-9a-f]{2}:[0-9a-f]{1,4}$/.test(bare) || isIpv6One(bare);
}

function isIpv6One(address: string): boolean {
  return address === "::1" || /^(0{1,4}:){7}0{0,3}1$/.test(address);
}

/** Host names that a browser can only resolve to this machine, port aside. */
export function isLoopbackHost(host: string): boolean {
  const name = hostName(host);
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** A Host header without its port, in lower case. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d{1,5}$/, "");
}
