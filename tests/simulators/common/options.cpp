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

}  // namespace

const char* const kUsage =
    "Usage: unigate-simulators --stripe-port PORT --ledger FILE [options]\n"
    "\n"
    "Simulated payment providers for tests, benches and demonstrations.\n"
    "\n"
    "  --stripe-port PORT   serve the Stripe API on this port; 0 picks a free one\n"
    "  --stripe-key KEY     accept this secret key only; may be repeated\n"
    "  --ledger FILE        append every movement of money to this JSON Lines file;\n"
    "                       state is rebuilt from it at start\n"
    "  --no-journal         write movements only: less to write, no state after a restart\n"
    "  --listen ADDRESS     address to listen on (127.0.0.1)\n"
    "  --delay-ms N         hold back every answer for N milliseconds (0)\n"
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
    if (name == "--stripe-port") {
      options.stripePort = static_cast<std::uint16_t>(number(name, value, 65535));
    } else if (name == "--delay-ms") {
      options.delay = std::chrono::milliseconds(number(name, value, 600'000));
    } else if (name == "--stripe-key") {
      options.stripeKeys.emplace_back(value);
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
  if (!options.stripePort) throw UsageError("--stripe-port is missing");
  if (options.ledger.empty()) throw UsageError("--ledger is missing");
  return options;
}

}  // namespace simulators
