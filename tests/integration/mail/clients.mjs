// Names what mail programs do not know, or know in part, of what mails use, by the data of caniemail.com.
// In: {name: HTML}; the programs as arguments. Out: [[name, program, feature, "none" | "partial"], ...].
import { json } from "node:stream/consumers";
import { caniemail } from "caniemail";

const clients = process.argv.slice(2);
const unknown = [];
for (const [name, html] of Object.entries(await json(process.stdin))) {
  const { errors, warnings } = caniemail({ clients, html }).issues;
  for (const [client, features] of [...errors, ...warnings]) {
    unknown.push(...features.map(({ title, support }) => [name, client, title, support]));
  }
}
console.log(JSON.stringify(unknown));
