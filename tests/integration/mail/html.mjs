// Judges mails with html-validate. In: {name: HTML}. Out: [[name, rule, message], ...].
import { json } from "node:stream/consumers";
import { HtmlValidate } from "html-validate";

const judge = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:document", "html-validate:a11y"],
  rules: {
    // What Outlook for Windows needs, which draws mail with Word.
    "no-conditional-comment": "off", // its tables stand in conditional comments
    "no-inline-style": "off", // and Gmail's mobile site knows no other style
    "no-deprecated-attr": "off", // nor sizes and places said in style alone
    // What MJML writes: right, in another hand than this linter's.
    "doctype-style": "off", // <!doctype html> in small letters
    "void-style": "off", // <meta />
    "prefer-tbody": "off", // rows of a table that only lays out
    "prefer-native-element": "off", // role="article", which mail programs keep, as they do not keep <article>
  },
});

const problems = [];
for (const [name, html] of Object.entries(await json(process.stdin))) {
  const report = await judge.validateString(html, name);
  for (const { messages } of report.results) {
    problems.push(...messages.map(({ ruleId, message }) => [name, ruleId, message]));
  }
}
console.log(JSON.stringify(problems));
