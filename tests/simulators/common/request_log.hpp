// The last requests that the providers saw, for tests that assert what a caller sent and how often.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"

namespace simulators {

class RequestLog {
 public:
  static constexpr std::size_t kEntriesMax = 1000;
  static constexpr std::size_t kBodyBytesMax = 8192;  // of each body that is kept

  // Returns the number of the request, to be given to finish().
  std::uint64_t begin(std::string_view provider, std::string_view method, std::string_view path,
                      std::string_view idempotencyKey, std::string_view fault,
                      std::string_view body);
  // Status 0: closed without an answer.
  void finish(std::uint64_t number, unsigned status, bool replayed);

  void clear();
  void write(JsonWriter& json, std::size_t limit) const;

 private:
  struct Entry {
    std::uint64_t number = 0;
    std::int64_t atMs = 0;
    std::string provider, method, path, idempotencyKey, fault, body;
    unsigned status = 0;
    bool finished = false;
    bool replayed = false;
  };

  std::vector<Entry> ring_;
  std::uint64_t last_ = 0;   // number of the newest request, never reused
  std::uint64_t count_ = 0;  // since the last clear()
};

}  // namespace simulators
