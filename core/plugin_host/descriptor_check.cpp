#include "plugin_host/descriptor_check.hpp"

#include <cstring>
#include <set>

#include "base/text.hpp"

namespace unigate::plugin_host {
namespace {

// What ABI 1.0 had: the mandatory set is closed, no legal struct is smaller.
constexpr std::uint32_t kPluginBytesMin = 64;
constexpr std::uint32_t kDescriptorBytesMin = 56;
constexpr std::uint64_t kOperationBytesMin = 32;
constexpr std::uint32_t kStructBytesMax = 4096;
constexpr std::uint32_t kOperationsMax = 256;
constexpr std::uint64_t kTextBytesMax = 256;
static_assert(sizeof(ug_plugin) >= kPluginBytesMin);
static_assert(sizeof(ug_descriptor) >= kDescriptorBytesMin);
static_assert(sizeof(ug_operation) >= kOperationBytesMin);

bool isText(const ug_str& text) {
  return text.ptr != nullptr && text.len > 0 && text.len <= kTextBytesMax;
}

std::string_view viewOf(const ug_str& text) {
  return {text.ptr, static_cast<std::size_t>(text.len)};
}

std::string sizeFault(const char* name, std::uint32_t size, std::uint32_t sizeMin) {
  if (size >= sizeMin && size <= kStructBytesMax) return {};
  return std::string(name) + ".struct_size is " + std::to_string(size) + ", abi 1.0 has " +
         std::to_string(sizeMin);
}

const ug_operation& operationAt(const ug_descriptor& descriptor, std::uint32_t index) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(descriptor.operations);
  return *reinterpret_cast<const ug_operation*>(bytes + index * descriptor.operations_stride);
}

std::string descriptorShapeFault(const ug_descriptor& descriptor) {
  if (auto fault = sizeFault("ug_descriptor", descriptor.struct_size, kDescriptorBytesMin);
      !fault.empty()) {
    return fault;
  }
  if (!isText(descriptor.id)) return "the descriptor's id is empty";
  if (!isText(descriptor.version)) return "the descriptor's version is empty";
  if (descriptor.operations_count == 0 || descriptor.operations == nullptr) {
    return "the descriptor has no operations";
  }
  if (descriptor.operations_count > kOperationsMax)
    return "the descriptor has more than 256 operations";
  const std::uint64_t stride = descriptor.operations_stride;
  if (stride < kOperationBytesMin || stride > kStructBytesMax ||
      stride % alignof(ug_operation) != 0) {
    return "the descriptor's operations_stride is " + std::to_string(stride) +
           "; set it to sizeof(struct ug_operation)";
  }
  for (std::uint32_t i = 0; i < descriptor.operations_count; ++i) {
    if (!isText(operationAt(descriptor, i).name)) {
      return "the descriptor's operation " + std::to_string(i) + " has no name";
    }
  }
  return {};
}

std::string differs(const std::string& what, const std::string& inLibrary,
                    const std::string& inManifest) {
  return "the library and the manifest differ: " + what + " is " + inLibrary + " in the library, " +
         inManifest + " in the manifest";
}

std::string inQuotes(std::string_view text) {
  return "\"" + base::printable(text) + "\"";
}

std::string recoveryName(std::uint32_t mode) {
  if (mode > UG_RECOVERY_AT_MOST_ONCE) return std::to_string(mode);
  return std::string(toText(static_cast<RecoveryMode>(mode)));
}

std::string operationFault(const ug_operation& theirs, const Operation& ours) {
  const std::string name = ours.name;
  if (theirs.recovery != static_cast<std::uint32_t>(ours.recovery)) {
    return differs(name + ".recovery", recoveryName(theirs.recovery),
                   std::string(toText(ours.recovery)));
  }
  if (theirs.recovery_window_s != ours.recoveryWindowS) {
    return differs(name + ".recovery_window_s", std::to_string(theirs.recovery_window_s),
                   std::to_string(ours.recoveryWindowS));
  }
  const auto flag = [&](std::uint32_t bit) { return (theirs.flags & bit) != 0; };
  const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
  if (flag(UG_OPERATION_MOVES_MONEY) != ours.movesMoney) {
    return differs(name + ".moves_money", word(!ours.movesMoney), word(ours.movesMoney));
  }
  if (flag(UG_OPERATION_READ_ONLY) != ours.readOnly) {
    return differs(name + ".read_only", word(!ours.readOnly), word(ours.readOnly));
  }
  return {};
}

}  // namespace

std::string findTableFault(const ug_plugin& table) {
  if (auto fault = sizeFault("ug_plugin", table.struct_size, kPluginBytesMin); !fault.empty())
    return fault;
  const auto missing = [](const char* name) {
    return "ug_plugin." + std::string(name) + " is null, and it is mandatory";
  };
  if (table.descriptor == nullptr) return missing("descriptor");
  if (table.create == nullptr) return missing("create");
  if (table.destroy == nullptr) return missing("destroy");
  if (table.begin == nullptr) return missing("begin");
  if (table.resume == nullptr) return missing("resume");
  if (table.end == nullptr) return missing("end");
  if (table.get_extension == nullptr) return missing("get_extension");
  return descriptorShapeFault(*table.descriptor);
}

std::string findDescriptorFault(const ug_descriptor& descriptor, const Manifest& manifest) {
  if (viewOf(descriptor.id) != manifest.id) {
    return differs("id", inQuotes(viewOf(descriptor.id)), inQuotes(manifest.id));
  }
  if (viewOf(descriptor.version) != manifest.version) {
    return differs("version", inQuotes(viewOf(descriptor.version)), inQuotes(manifest.version));
  }
  std::set<std::string_view> seen;
  for (std::uint32_t i = 0; i < descriptor.operations_count; ++i) {
    const ug_operation& theirs = operationAt(descriptor, i);
    const std::string_view name = viewOf(theirs.name);
    if (!seen.insert(name).second)
      return "the library lists operation " + inQuotes(name) + " twice";
    const Operation* ours = manifest.findOperation(name);
    if (ours == nullptr)
      return "the library has operation " + inQuotes(name) + ", the manifest has not";
    if (auto fault = operationFault(theirs, *ours); !fault.empty()) return fault;
  }
  for (const Operation& operation : manifest.operations) {
    if (seen.count(operation.name) == 0) {
      return "the manifest has operation " + inQuotes(operation.name) + ", the library has not";
    }
  }
  return {};
}

}  // namespace unigate::plugin_host
