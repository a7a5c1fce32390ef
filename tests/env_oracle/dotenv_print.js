// The same as env_file_print.cpp by the npm package: a JSON array of texts in, of objects out.
const { parse } = require("dotenv");

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => { input += chunk; });
process.stdin.on("end", () => {
  process.stdout.write(JSON.stringify(JSON.parse(input).map((text) => parse(Buffer.from(text, "utf8")))) + "\n");
});
