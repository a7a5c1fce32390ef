// What a plugin says of itself before any of its code runs: `<id>.plugin.yaml` beside `<id>.so`.
// Read by the registry; the gateway takes credentials, endpoints, auth schemes and recovery modes
// from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace unigate::plugin_host {

// How an operation whose answer was lost is made certain again; the values are those of the ABI.
enum class RecoveryMode : std::uint32_t {
  none = 0,
  native = 1,
  nativeRef = 2,
  query = 3,
  queryFirst = 4,
  atMostOnce = 5
};

// The word in the manifest, e.g. "native_ref".
std::string_view toText(RecoveryMode mode);

// Stands for "the schema of this operation in the SDK's unified.json".
inline constexpr std::string_view kUnifiedSchema = "unified";

struct Operation {
  std::string name;          // "payments.create"
  std::string inputSchema;   // JSON text of a schema (draft 4), or kUnifiedSchema
  std::string outputSchema;  // likewise
  RecoveryMode recovery = RecoveryMode::none;
  std::uint32_t recoveryWindowS = 0;
  bool movesMoney = false;
  bool readOnly = false;
  // Member of the input (an object of strings) that the plugin's webhook recipe must vouch for
  // before the operation begins; empty: none.
  std::string proof;
};

struct Credential {
  std::string name;
  bool secret = true;
  bool required = false;
  std::string description;
  std::string pattern;  // ECMAScript regular expression, empty: anything
  std::string testMarker;
  std::string liveMarker;
  // Another credential that is as good where a webhook is verified (two secrets during a
  // rotation); empty: none.
  std::string alternate;
};

// A variable of a .env file that fills a credential: exactly one of name and pattern is set.
struct EnvRule {
  std::string name;
  std::string pattern;
  std::string credential;
};

// "bearer", "basic", "header" or "oauth2_client_credentials". Members hold names of credentials.
struct AuthScheme {
  std::string name;
  std::string type;
  std::string credential;    // bearer, header
  std::string username;      // basic
  std::string password;      // basic, may be empty
  std::string headerName;    // header
  std::string endpoint;      // oauth2: where the token is fetched
  std::string path;          // oauth2
  std::string clientId;      // oauth2
  std::string clientSecret;  // oauth2
};

struct Endpoint {
  std::string name;
  std::string liveUrl;  // https://host[:port][/path], without a slash at the end
  std::string testUrl;
};

// Where a raw path of the provider goes: the route with the longest prefix wins. A prefix is whole
// segments: "/v1" takes "/v1" and "/v1/x", not "/v10".
struct PassthroughRoute {
  std::string prefix;
  std::string endpoint;
};

// What a raw pass-through call needs besides the caller's own words.
struct Passthrough {
  std::string auth;                                          // name of an auth scheme
  std::vector<std::pair<std::string, std::string>> headers;  // fixed, e.g. a version header
  std::vector<std::string> forward;  // names of the caller's headers that are passed on
  std::vector<PassthroughRoute> routes;

  // nullptr when no route takes the path.
  const PassthroughRoute* findRoute(std::string_view path) const;
};

// Credential fields into which the gateway stores what `webhook_endpoints.create` answers; empty:
// that part is not kept.
struct WebhookRegistration {
  std::string secret;
  std::string id;
};

struct Probe {
  std::string operation;
  std::string inputJson = "{}";
};

struct ManifestLimits {
  std::uint32_t timeoutMs = 30'000;
  std::uint32_t concurrency = 256;
};

enum class Sandbox { off, preferred, required };

struct Manifest {
  std::string id;
  std::string version;
  std::string displayName;
  std::string license;
  std::string apiVersion;  // the provider's, for people; may be empty
  std::string sha256;      // lower-case hex of the library, may be empty
  std::uint32_t abiMajor = 1;
  std::uint32_t abiMinMinor = 0;
  std::vector<Operation> operations;  // in the order of the file
  std::vector<std::string> capabilities;
  std::vector<Credential> credentials;
  std::vector<EnvRule> envRules;
  std::vector<std::string> envFeatures;
  std::vector<AuthScheme> authSchemes;
  std::vector<Endpoint> endpoints;
  std::vector<std::string> egressHosts;                            // lower case
  std::vector<std::pair<std::string, std::string>> webhookEvents;  // provider's name, unified name
  std::optional<WebhookRegistration> webhookRegistration;
  // Trust roots of webhook certificates: "system", a PEM file beside the manifest, or empty.
  std::string certificateRoots;
  std::optional<Passthrough> passthrough;
  std::optional<Probe> probe;
  ManifestLimits limits;
  Sandbox sandbox = Sandbox::preferred;

  // Look-ups by name; nullptr when absent. Valid as long as the manifest.
  const Operation* findOperation(std::string_view name) const;
  const Credential* findCredential(std::string_view name) const;
  const AuthScheme* findAuthScheme(std::string_view name) const;
  const Endpoint* findEndpoint(std::string_view name) const;
};

// What `certificateRoots` says when it means the roots of the operating system.
inline constexpr std::string_view kSystemRoots = "system";

// Reads and checks a manifest: its form (manifest.schema.json), and that its parts fit together and
// fit the file's name. The error is one line that names file, line where known, field and remedy.
// Any thread.
tl::expected<Manifest, std::string> loadManifest(const std::filesystem::path& path);

// The id in a manifest's file name ("acme" of ".../acme.plugin.yaml"); empty when it is none.
std::string idOfManifestFile(const std::filesystem::path& path);

}  // namespace unigate::plugin_host
