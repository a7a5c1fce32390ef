#include "common/options.hpp"

#include <charconv>

namespace simulators {
namespace {

std::uint64_t number(std::string_view name, std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value > max) {
    throw UsageError(std::string(name) + " must be a number from 0 to " + std::to_string(max));
  }
  return value;
}

// "--stripe-port" with "-port" gives "stripe"; empty if the option is not of that kind.
std::string_view providerOf(std::string_view option, std::string_view ending) {
  for (const auto provider : kProviderNames) {
    if (option.substr(2).starts_with(provider) && option.substr(2 + provider.size()) == ending) {
      return provider;
    }
  }
  return {};
}

double paceOf(std::string_view name, std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(value >= 0.001) ||
      value > 1e6) {
    throw UsageError(std::string(name) + " must be a number from 0.001 to 1000000");
  }
  return value;
}

}  // namespace

const char* const kUsage =
    "Usage: unigate-simulators --PROVIDER-port PORT ... --ledger FILE [options]\n"
    "\n"
    "Simulated payment providers for tests, benches and demonstrations.\n"
    "PROVIDER is stripe, razorpay, paypal or twilio; one of them at least.\n"
    "\n"
    "  --stripe-port PORT   serve the Stripe API on this port; 0 picks a free one\n"
    "  --razorpay-port PORT, --paypal-port PORT, --twilio-port PORT\n"
    "                       the same for the other providers\n"
    "  --stripe-key KEY     accept this secret key only; may be repeated\n"
    "  --razorpay-key ID:SECRET, --paypal-key ID:SECRET, --twilio-key SID:TOKEN\n"
    "                       the same for the other providers\n"
    "  --ledger FILE        append every movement of money to this JSON Lines file;\n"
    "                       state is rebuilt from it at start\n"
    "  --no-journal         write movements only: less to write, no state after a restart\n"
    "  --listen ADDRESS     address to listen on (127.0.0.1)\n"
    "  --delay-ms N         hold back every answer for N milliseconds (0)\n"
    "  --pace N             what happens by itself happens N times faster (1)\n"
    "  --ready-file FILE    write the ready lines to this file too\n"
    "  --help               this text\n";

Options parseOptions(const std::vector<std::string_view>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto name = arguments[i];
    if (name == "--help" || name == "-h") {
      options.help = true;
      return options;
    }
    if (name == "--no-journal") {
      options.journal = false;
      continue;
    }
    if (!name.starts_with("--")) throw UsageError("unexpected argument " + std::string(name));
    const bool last = i + 1 == arguments.size();
    const auto value = last ? std::string_view() : arguments[++i];
    if (const auto served = providerOf(name, "-port"); !served.empty()) {
      options.ports[std::string(served)] = static_cast<std::uint16_t>(number(name, value, 65535));
    } else if (const auto keyed = providerOf(name, "-key"); !keyed.empty()) {
      options.keys[std::string(keyed)].emplace_back(value);
    } else if (name == "--delay-ms") {
      options.delay = std::chrono::milliseconds(number(name, value, 600'000));
    } else if (name == "--pace") {
      options.pace = paceOf(name, value);
    } else if (name == "--ledger") {
      options.ledger = value;
    } else if (name == "--listen") {
      options.listen = value;
    } else if (name == "--ready-file") {
      options.readyFile = value;
    } else {
      throw UsageError("unknown option " + std::string(name));
    }
    if (value.empty()) throw UsageError(std::string(name) + " needs a value");
  }
  if (options.ports.empty()) {
    throw UsageError(
        "no provider to serve: give --stripe-port, --razorpay-port, --paypal-port "
        "or --twilio-port");
  }
  if (options.ledger.empty()) throw UsageError("--ledger is missing");
  return options;
}

}  // namespace simulators
