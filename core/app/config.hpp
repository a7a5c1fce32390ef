// The operator's one YAML file as a plain struct: read, overridden from the environment, checked
// against config/unigate.schema.json. Called once by every subcommand.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "app/identity_config.hpp"
#include "gateway/endpoint_book.hpp"
#include "identity/plans.hpp"
#include "rest/limit_settings.hpp"
#include "webhooks/roots_book.hpp"

namespace unigate::app {

struct Config {
  std::string listen = "127.0.0.1:8080";
  std::string metricsListen = "127.0.0.1:9090";  // empty: none
  std::string tlsCertificate;
  std::string tlsKey;
  std::string docsDirectory = "build/docs";
  std::string publicUrl;    // how browsers reach the API; empty: not known
  std::int64_t threads = 0;  // 0: one for each core
  std::string storeUrl = "sqlite:var/unigate.db";
  std::string storeOwnerUrl;  // PostgreSQL: whose role migrates; empty: `unigate migrate` elsewhere
  std::int64_t logRetentionMonths = 0;  // of transaction_logs; 0: kept for good
  std::string auditCheckpointFile;      // empty: none
  std::int64_t auditCheckpointMinutes = 60;
  std::string keyEncryptionKey = "file:var/kek";
  std::vector<std::string> previousKeys;  // open what was sealed before a rotation
  std::vector<std::string> pluginDirectories = {"lib/unigate/plugins"};
  bool allowDrafts = false;
  gateway::EndpointBook::Overrides endpoints;
  webhooks::RootsBook::Overrides webhookRoots;
  // By provider: what the platform keeps of connected accounts' payments, and where their owners
  // end up.
  struct Connect {
    std::int64_t feeBasisPoints = 0;
    std::string returnUrl;
  };
  std::map<std::string, Connect> connect;
  bool allowLoopbackHttp = false;
  bool allowPrivateAddresses = false;
  std::int64_t connectTimeoutMs = 5'000;
  std::int64_t connectionsPerHostMax = 2'048;
  std::string caFile;
  IdentityConfig identity;
  std::int64_t defaultPerMinute = 600;
  std::string redisUrl;  // empty: this process alone
  std::vector<std::string> trustedProxies;
  rest::LimitSettings limits;
  identity::Plans plans;
  std::int64_t connectionsMax = 16'384;
  std::int64_t connectionsPerAddressMax = 12'288;
  std::int64_t operationsInFlightMax = 10'000;
  std::map<std::string, std::string> routingDefaults;
  std::int64_t reconcileEveryHours = 0;  // 0: never by itself
  std::int64_t reconcileLookBackHours = 48;
  std::string logLevel = "info";
  std::string logFile;
};

// Reads `path`, applies UNIGATE__SECTION__KEY variables of this process's environment, checks. The
// error holds a line for each problem: file, line, key, remedy.
tl::expected<Config, std::vector<std::string>> loadConfig(const std::string& path);

}  // namespace unigate::app
