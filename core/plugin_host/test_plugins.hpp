// For the tests of this folder: a plugin directory of its own with chosen libraries and manifests.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace unigate::plugin_host::testing {

// The manifest of testdata/acme.c.
inline std::string acmeManifest() {
  return R"(manifest_version: 1
id: acme
version: 1.2.3
display_name: Acme Payments
license: Apache-2.0
abi: { major: 1, min_minor: 0 }
operations:
  payments.create:
    input: &input
      type: object
      required: [amount]
      additionalProperties: false
      properties: { amount: { type: integer, minimum: 1 }, do: { type: string } }
    output: &output
      type: object
      required: [id, amount]
      properties: { id: { type: string }, amount: { type: integer } }
    recovery: native
    recovery_window_s: 86400
    moves_money: true
  payments.get: { input: *input, output: *output, read_only: true }
credentials:
  secret_key: { secret: true, required: true, pattern: "^sk_[a-z]+$", test_marker: test, live_marker: live }
  account_id: { secret: false }
env:
  variables:
    - { name: ACME_SECRET_KEY, credential: secret_key }
    - { pattern: "^ACME_.*_ACCOUNT$", credential: account_id }
auth:
  key: { type: bearer, credential: secret_key }
endpoints:
  api: { live: "https://api.acme.example", test: "https://sandbox.acme.example/v9" }
egress: [api.acme.example, sandbox.acme.example]
webhooks:
  events: { charge.paid: payment.succeeded }
probe: { operation: payments.get, input: { amount: 1 } }
limits: { timeout_ms: 20000, concurrency: 8 }
)";
}

// `text` with `from` replaced by `to`; ends the test process when `from` is not there.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) std::abort();
  return text.replace(at, from.size(), to);
}

// A directory of its own that goes with the object.
class PluginDirectory {
 public:
  PluginDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "unigate_plugins_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~PluginDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  PluginDirectory(const PluginDirectory&) = delete;
  PluginDirectory& operator=(const PluginDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Copies testdata's library `fixture` to "<id>.so".
  std::filesystem::path addLibrary(const std::string& fixture, const std::string& id) const {
    const std::filesystem::path from =
        std::filesystem::path(UNIGATE_PLUGIN_FIXTURES) / (fixture + ".so");
    const std::filesystem::path to = path_ / (id + ".so");
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(to, std::filesystem::perms(0644));
    return to;
  }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    std::filesystem::permissions(path_ / name, std::filesystem::perms(0644));
    return path_ / name;
  }
  std::filesystem::path addManifest(const std::string& id, const std::string& text) const {
    return write(id + ".plugin.yaml", text);
  }
  // The well-behaved plugin with its manifest.
  void addAcme() const {
    addLibrary("acme", "acme");
    addManifest("acme", acmeManifest());
  }

 private:
  std::filesystem::path path_;
};

}  // namespace unigate::plugin_host::testing
