// Drives a plugin's functions directly, with a host memory that turns hostile: what the plugin was
// handed is overwritten the moment its function returns, and structs may end at an unreadable page.
// Used by every test of the kit.
#pragma once

#include <unigate/plugin.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin_host/check/transcript.hpp"
#include "plugin_host/plugin.hpp"
#include "plugin_host/step.hpp"

namespace unigate::plugin_host::check {

struct RawOptions {
  bool poison = false;      // overwrite what was handed over as soon as the function returns
  bool guardPages = false;  // structs of exactly ABI 1.0's size, then a page that can't be touched
  bool newerHost = false;   // structs larger than the plugin knows, filled with 0xFF behind
};

// Copies of texts and structs as a plugin gets them.
class HandedMemory {
 public:
  explicit HandedMemory(const RawOptions& options) : options_(options) {}
  ~HandedMemory();
  HandedMemory(const HandedMemory&) = delete;
  HandedMemory& operator=(const HandedMemory&) = delete;

  ug_str text(std::string_view text);
  ug_bytes bytes(std::string_view bytes);
  // A copy of `value`, whose struct_size is set as the options want it.
  template <typename T>
  T* make(const T& value) {
    void* place = makeStruct(&value, sizeof(T));
    return static_cast<T*>(place);
  }
  ug_header* headers(const HeaderList& list);
  // Overwrites all that was handed over so far, where the options want it.
  void poison();

 private:
  void* makeStruct(const void* value, std::size_t size);
  std::uint8_t* allocate(std::size_t size);

  RawOptions options_;
  std::vector<std::unique_ptr<std::vector<std::uint8_t>>> blocks_;
  std::vector<std::pair<void*, std::size_t>> pages_;
  std::vector<std::pair<std::uint8_t*, std::size_t>> poisonable_;
};

// One call. The steps are checked as the host does it, output schema included.
class RawCall {
 public:
  RawCall(const Plugin& plugin, ug_instance* instance, const RawOptions& options);
  ~RawCall();
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  Step begin(const Case& how);
  Step resume(const HttpEvent& event);
  void end();

 private:
  Step take(std::int32_t code, const ug_step* step, const char* function);
  ug_step* emptyStep();

  const Plugin& plugin_;
  ug_instance* instance_;
  RawOptions options_;
  std::vector<std::unique_ptr<HandedMemory>> handed_;
  ug_call* call_ = nullptr;
  std::string operation_;
  std::uint32_t steps_ = 0;
};

// All bytes of a step as text, for comparisons.
std::string describe(const Step& step);

// An instance of a plugin's account; destroyed with the object. `handle` is null and `trouble` says
// why when the plugin gave none.
class RawInstance {
 public:
  RawInstance(const Plugin& plugin, Mode mode, const std::string& settingsJson,
              const RawOptions& options = {});
  ~RawInstance();
  RawInstance(const RawInstance&) = delete;
  RawInstance& operator=(const RawInstance&) = delete;

  ug_instance* handle() const { return handle_; }
  const std::string& trouble() const { return trouble_; }

 private:
  const Plugin& plugin_;
  ug_instance* handle_ = nullptr;
  std::string trouble_;
};

}  // namespace unigate::plugin_host::check
