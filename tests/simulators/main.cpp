// unigate-simulators: reads the command line, wires the providers to their ports and serves until
// SIGTERM.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include "common/control.hpp"
#include "common/options.hpp"
#include "stripe/provider.hpp"

namespace simulators {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void replayLedger(const Ledger& ledger, const std::vector<std::unique_ptr<Provider>>& providers) {
  ledger.forEachRecord([&](const JsonValue& record, std::string_view) {
    const auto kind = jsonText(record, "rec");
    for (const auto& provider : providers) {
      if (kind == "reset" || jsonText(record, "provider") == provider->name()) {
        provider->replay(record);
      }
    }
  });
}

void writeReadyFile(const std::string& path, const std::string& text) {
  const auto partial = path + ".partial";
  std::ofstream out(partial, std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + partial);
  std::filesystem::rename(partial, path);
}

void serve(const Options& options) {
  // The port is taken before the ledger is opened: a second process on the same port must not touch
  // the file of the first. Nothing is handled before run(), when all parts stand.
  HttpServer server;
  HttpHandler handler;
  const auto port = server.listen(
      "stripe", options.listen, *options.stripePort,
      [&](const HttpRequest& request, Responder respond) { handler(request, std::move(respond)); });

  Ledger ledger(options.ledger);
  FaultList faults;
  RequestLog requests;
  const Services services{server, ledger, faults, requests, options.delay, options.journal};
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<stripe::StripeProvider>(services, options.stripeKeys));
  Control control(services, providers);
  auto& stripe = *providers.front();
  handler = [&](const HttpRequest& request, Responder respond) {
    if (Control::owns(request.path)) return respond(control.handle(request));
    stripe.handle(request, std::move(respond));
  };
  if (options.journal) replayLedger(ledger, providers);
  for (const auto& provider : providers) provider->begin();

  const auto ready = "stripe ready on " + options.listen + ":" + std::to_string(port) + "\n";
  if (!options.readyFile.empty()) writeReadyFile(options.readyFile, ready);
  std::fputs(ready.c_str(), stdout);
  std::fflush(stdout);
  server.run();
}

int run(const std::vector<std::string_view>& arguments) {
  try {
    const auto options = parseOptions(arguments);
    if (options.help) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    serve(options);
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "unigate-simulators: %s\n%s", error.what(), kUsage);
    return kWrongUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "unigate-simulators: %s\n", error.what());
    return kFailed;
  }
}

}  // namespace
}  // namespace simulators

int main(int argc, char** argv) {
  return simulators::run(std::vector<std::string_view>(argv + 1, argv + argc));
}
