// unigate-simulators: reads the command line, wires the providers to their ports and serves until
// SIGTERM.
#include <cstdio>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include "common/control.hpp"
#include "common/options.hpp"
#include "common/providers.hpp"

namespace simulators {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void replayLedger(const Ledger& ledger, SimClock& clock,
                  const std::vector<std::unique_ptr<Provider>>& providers) {
  ledger.forEachRecord([&](const JsonValue& record, std::string_view) {
    const auto kind = jsonText(record, "rec");
    if (kind == "clock") clock.setOffsetMs(jsonInteger(record, "offset_ms", 0));
    if (kind == "reset") clock.setOffsetMs(0);
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

using Factory = std::unique_ptr<Provider> (*)(Services, std::vector<std::string>);

Factory factoryOf(std::string_view name) {
  if (name == "stripe") return makeStripe;
  if (name == "razorpay") return makeRazorpay;
  return name == "paypal" ? makePaypal : makeTwilio;
}

// One open port. The provider is set once all parts stand; nothing is handled before.
struct Door {
  std::string name;
  std::uint16_t port = 0;
  HttpHandler handler;
};

void serve(const Options& options) {
  // The ports are taken before the ledger is opened: a second process on the same port must not
  // touch the file of the first. Nothing is handled before run().
  HttpServer server;
  std::deque<Door> doors;
  for (const auto name : kProviderNames) {
    const auto wanted = options.ports.find(name);
    if (wanted == options.ports.end()) continue;
    auto& door = doors.emplace_back();
    door.name = name;
    door.port = server.listen(door.name, options.listen, wanted->second,
                              [&door](const HttpRequest& request, Responder respond) {
                                door.handler(request, std::move(respond));
                              });
  }

  Ledger ledger(options.ledger);
  FaultList faults;
  RequestLog requests;
  SimClock clock;
  WebhookSender webhooks(clock);
  const Services services{server,   ledger,        faults,          requests,    clock,
                          webhooks, options.delay, options.journal, options.pace};
  std::vector<std::unique_ptr<Provider>> providers;
  for (const auto& door : doors) {
    const auto keys = options.keys.find(door.name);
    providers.push_back(factoryOf(door.name)(
        services, keys == options.keys.end() ? std::vector<std::string>() : keys->second));
  }
  Control control(services, providers);
  for (std::size_t i = 0; i < doors.size(); ++i) {
    doors[i].handler = [&, own = providers[i].get()](const HttpRequest& request,
                                                     Responder respond) {
      if (Control::owns(request.path)) return respond(control.handle(request));
      const auto steered = Control::providerOfControl(request.path);
      for (const auto& provider : providers) {
        if (provider->name() == steered) return provider->handle(request, std::move(respond));
      }
      own->handle(request, std::move(respond));
    };
  }
  if (options.journal) replayLedger(ledger, clock, providers);
  for (const auto& provider : providers) provider->begin();

  std::string ready;
  for (const auto& door : doors) {
    ready += door.name + " ready on " + options.listen + ":" + std::to_string(door.port) + "\n";
  }
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
