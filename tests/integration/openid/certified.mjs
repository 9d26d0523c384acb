// A provider of OpenID Connect as others run it: oidc-provider, which the OpenID Foundation has certified. It serves on
// loopback until its input ends. Whoever signs in is taken at their word: the name typed is theirs, at example.org; the
// address of those whose name starts with "unverified" is not verified.
//
//   node certified.mjs '{"callback": "http://…", "home": "http://…", "secret": "…"}'

import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { callback, home, secret } = JSON.parse(process.argv[2]);
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://localhost:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    { client_id: "first100", client_secret: secret, redirect_uris: [callback], post_logout_redirect_uris: [home] },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["of this run alone"] },
  findAccount: (_, name) => ({
    accountId: name,
    claims: () => ({ sub: name, email: `${name}@example.org`, email_verified: !name.startsWith("unverified") }),
  }),
  pkce: { required: () => true },
});
server.on("request", provider.callback());
process.stdout.write(`${issuer}\n`);
process.stdin.resume().on("end", () => process.exit());
