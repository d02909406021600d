/** Where systems keep the certificate authorities that their owner trusts, as one PEM file. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, Red Hat
  "/etc/ssl/ca-bundle.pem", // SUSE
  "/etc/ssl/cert.pem", // Alpine, macOS
];

/**
 * A client for `fetch` that trusts the system's certificate authorities (`SSL_CERT_FILE`, else the
 * platform's bundle) besides Deno's own: behind a proxy that signs for itself, as companies have,
 * `curl` and `pip` work, and so should we. Undefined where there is no such file. Proxies are taken
 * from the environment, as without it. Close it when the answer has been read.
 */
export function systemClient(): Deno.HttpClient | undefined {
  for (const path of [Deno.env.get("SSL_CERT_FILE"), ...BUNDLES]) {
    const client = path && clientOf(path);
    if (client) return client;
  }
}

function clientOf(path: string): Deno.HttpClient | undefined {
  try {
    return Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(path)] });
  } catch {
    return undefined; // the next place may have it
  }
}
