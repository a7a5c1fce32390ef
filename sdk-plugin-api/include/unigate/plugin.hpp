// Makes a plugin of a table of operations: the descriptor, the functions of ug_plugin behind a
// barrier that no exception passes, and the entry symbol. An adapter says UNIGATE_PLUGIN once.
#pragma once

#include <unigate/plugin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <unigate/abi.hpp>
#include <unigate/call.hpp>
#include <unigate/operation.hpp>
#include <unigate/webhook.hpp>
#include <utility>

namespace unigate::sdk {

struct PluginInfo {
  std::string_view id = {};
  std::string_view version = {};
  std::string_view requestIdHeader = {};    // of the provider's answers, for support; may be empty
  const WebhookHandler* webhook = nullptr;  // static; null: no webhooks
};

// What UNIGATE_PLUGIN keeps for ever.
template <std::size_t N>
struct Plugin {
  PluginInfo info;
  const Operation* table;
  std::array<ug_operation, N> operations;
};

template <std::size_t N>
constexpr Plugin<N> makePlugin(const PluginInfo& info, const Operation (&table)[N]) {
  Plugin<N> plugin{info, table, {}};
  for (std::size_t i = 0; i < N; ++i) {
    plugin.operations[i] = ug_operation{{table[i].name.data(), table[i].name.size()},
                                        table[i].recovery,
                                        table[i].windowS,
                                        table[i].flags,
                                        0};
  }
  return plugin;
}

namespace detail {

// One configured account.
struct Instance {
  json::Document settings;
};

// Runs `body`; what it throws becomes a result code.
template <typename Body>
std::int32_t guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return UG_CONTRACT_NO_MEMORY;
  } catch (...) {
    return UG_CONTRACT_INTERNAL;
  }
}

inline Instance* instanceOf(ug_instance* handle) {
  return reinterpret_cast<Instance*>(handle);
}
inline RunningCall* callOf(ug_call* handle) {
  return reinterpret_cast<RunningCall*>(handle);
}

inline std::int32_t createInstance(const ug_instance_config* config,
                                   ug_instance** instance) noexcept {
  return guarded([&]() -> std::int32_t {
    if (config == nullptr || instance == nullptr) return UG_CONTRACT_BAD_CALL;
    const ug_instance_config known = abi::readStruct(config);
    auto made = std::make_unique<Instance>();
    std::string_view settings = abi::view(known.settings_json);
    if (settings.empty()) settings = "{}";
    json::ReadError problem;
    if (!made->settings.parse(settings, problem) || !made->settings.root().isObject()) {
      return UG_CONTRACT_BAD_CALL;
    }
    *instance = reinterpret_cast<ug_instance*>(made.release());
    return UG_OK;
  });
}

inline void destroyInstance(ug_instance* instance) noexcept {
  delete instanceOf(instance);
}

inline std::int32_t resumeCall(ug_call* call, const ug_event* event, ug_step* step) noexcept {
  return guarded([&]() -> std::int32_t {
    if (call == nullptr || event == nullptr || step == nullptr) return UG_CONTRACT_BAD_CALL;
    const ug_event known = abi::readStruct(event);
    if (!wellFormed(known)) return UG_CONTRACT_BAD_CALL;
    return callOf(call)->resume(known, step);
  });
}

inline void endCall(ug_call* call) noexcept {
  delete callOf(call);
}

// The functions of one plugin. `kPlugin` has internal linkage, so that each library has its own.
template <const auto& kPlugin>
struct Entry {
  static constexpr ug_descriptor kDescriptor = {
      sizeof(ug_descriptor),
      static_cast<std::uint32_t>(kPlugin.operations.size()),
      {kPlugin.info.id.data(), kPlugin.info.id.size()},
      {kPlugin.info.version.data(), kPlugin.info.version.size()},
      kPlugin.operations.data(),
      sizeof(ug_operation)};

  // Written once by load, before any other function runs.
  static inline HostTerms terms{};

  static std::int32_t begin(ug_instance* instance, const ug_begin* begin, ug_call** call,
                            ug_step* step) noexcept {
    return guarded([&]() -> std::int32_t {
      if (instance == nullptr || begin == nullptr || call == nullptr || step == nullptr) {
        return UG_CONTRACT_BAD_CALL;
      }
      const ug_begin known = abi::readStruct(begin);
      if (known.recovering > UG_RECOVERING_QUERY) return UG_CONTRACT_UNSUPPORTED;
      auto running = std::make_unique<RunningCall>(find(abi::view(known.operation)), terms,
                                                   kPlugin.info.requestIdHeader,
                                                   instanceOf(instance)->settings.root(), known);
      const std::int32_t result = running->begin(abi::view(known.input_json), step);
      if (result == UG_OK) *call = reinterpret_cast<ug_call*>(running.release());
      return result;
    });
  }

  static const void* getExtension(ug_str id) noexcept {
    if (kPlugin.info.webhook == nullptr || abi::view(id) != UG_EXT_WEBHOOK) return nullptr;
    return &kWebhook;
  }

  static std::int32_t recipe(ug_instance* instance, const ug_webhook* webhook, ug_recipe* out,
                             void** state) noexcept {
    return guarded([&]() -> std::int32_t {
      if (instance == nullptr || webhook == nullptr || out == nullptr || state == nullptr) {
        return UG_CONTRACT_BAD_CALL;
      }
      auto made = std::make_unique<WebhookState>();
      Recipe recipe = kPlugin.info.webhook->recipe(seen(instance, webhook));
      if (!made->presentRecipe(std::move(recipe), out)) return UG_CONTRACT_BAD_CALL;
      *state = made.release();
      return UG_OK;
    });
  }

  static std::int32_t confirm(ug_instance* instance, void* state, const ug_event* answer,
                              std::uint32_t* verified) noexcept {
    return guarded([&]() -> std::int32_t {
      if (instance == nullptr || state == nullptr || answer == nullptr || verified == nullptr) {
        return UG_CONTRACT_BAD_CALL;
      }
      *verified = 0;
      const ug_event known = abi::readStruct(answer);
      if (!wellFormed(known)) return UG_CONTRACT_BAD_CALL;
      if (known.kind != UG_EVENT_HTTP_RESPONSE || kPlugin.info.webhook->confirm == nullptr) {
        return UG_OK;
      }
      const HttpResponse response(known.status, HeaderView(known.headers, known.headers_count),
                                  abi::view(known.body));
      *verified = kPlugin.info.webhook->confirm(response) ? 1 : 0;
      return UG_OK;
    });
  }

  static std::int32_t translate(ug_instance* instance, void* state, const ug_webhook* webhook,
                                ug_webhook_events* events) noexcept {
    return guarded([&]() -> std::int32_t {
      if (instance == nullptr || state == nullptr || webhook == nullptr || events == nullptr) {
        return UG_CONTRACT_BAD_CALL;
      }
      auto* held = static_cast<WebhookState*>(state);
      const bool fits =
          held->presentEvents(kPlugin.info.webhook->translate(seen(instance, webhook)), events);
      return fits ? UG_OK : UG_CONTRACT_BAD_CALL;
    });
  }

  static void release(ug_instance*, void* state) noexcept {
    delete static_cast<WebhookState*>(state);
  }

  static constexpr ug_ext_webhook kWebhook = {
      sizeof(ug_ext_webhook), 0, recipe, confirm, translate, release};
  static constexpr ug_plugin kTable = {sizeof(ug_plugin), UG_ABI_MINOR,    &kDescriptor,
                                       createInstance,    destroyInstance, begin,
                                       resumeCall,        endCall,         getExtension};

  // Null when the host lacks a kind of step that every adapter needs; the host's log says so.
  static const ug_plugin* load(const ug_host* host) noexcept {
    if (host == nullptr) return nullptr;
    const HostTerms offered = HostTerms::of(host);
    for (const std::uint32_t kind : {UG_STEP_HTTP, UG_STEP_DONE, UG_STEP_FAIL}) {
      if (offered.understands(kind)) continue;
      const ug_host known = abi::readStruct(host);
      if (known.log != nullptr) {
        known.log(host, UG_LOG_ERROR, abi::str("the host lacks a kind of step that is needed"));
      }
      return nullptr;
    }
    terms = offered;
    return &kTable;
  }

 private:
  static const Operation* find(std::string_view name) {
    for (std::size_t i = 0; i < kPlugin.operations.size(); ++i) {
      if (kPlugin.table[i].name == name) return &kPlugin.table[i];
    }
    return nullptr;
  }
  static Webhook seen(ug_instance* instance, const ug_webhook* webhook) {
    return WebhookState::read(abi::readStruct(webhook), instanceOf(instance)->settings.root());
  }
};

}  // namespace detail

}  // namespace unigate::sdk

// Emits the entry symbol. Once in a plugin, outside of any namespace:
//   UNIGATE_PLUGIN({.id = "acme", .version = "1.0.0"}, kOperations)
// where kOperations is a constexpr array of unigate::sdk::Operation at namespace scope.
#define UNIGATE_PLUGIN(...)                                                             \
  static constexpr auto kUnigatePlugin = ::unigate::sdk::makePlugin(__VA_ARGS__);       \
  extern "C" UG_EXPORT const struct ug_plugin* unigate_plugin_v1(const ug_host* host) { \
    return ::unigate::sdk::detail::Entry<kUnigatePlugin>::load(host);                   \
  }                                                                                     \
  static_assert(true)
