// Checked reading of an operation's input. An input type is a struct with a free function
// `void readJson(InputReader&, T&)` beside it; the SDK turns a bad field into a refusal that names
// it.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/error.hpp>
#include <unigate/json.hpp>
#include <utility>
#include <vector>

namespace unigate::sdk {

// Names and values in the order of arrival.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// Reads fields of one JSON object. The first fault sticks and later reads do nothing.
class InputReader {
 public:
  explicit InputReader(json::View root) : root_(root) {
    if (!root.isObject()) fail("", "the input must be a JSON object");
  }

  // The field must be there and of the type.
  template <typename T>
  InputReader& required(std::string_view name, T& out) {
    if (error_) return *this;
    const json::View field = root_[name];
    if (field.isNothing()) return fail(name, "is required");
    return convert(name, field, out);
  }
  // Absent or null leaves `out` as it is.
  template <typename T>
  InputReader& optional(std::string_view name, T& out) {
    if (error_) return *this;
    const json::View field = root_[name];
    return field.isNothing() ? *this : convert(name, field, out);
  }
  template <typename T>
  InputReader& optional(std::string_view name, std::optional<T>& out) {
    if (error_) return *this;
    const json::View field = root_[name];
    if (field.isNothing()) return *this;
    T value{};
    convert(name, field, value);
    if (!error_) out = std::move(value);
    return *this;
  }
  // For an author's own checks: `reader.fail("plan", "must start with 'plan_'")`.
  InputReader& fail(std::string_view name, std::string_view what) {
    if (error_) return *this;
    error_ = Error::invalidRequest(
        std::string(name),
        name.empty() ? std::string(what) : "'" + std::string(name) + "' " + std::string(what));
    return *this;
  }
  json::View root() const { return root_; }
  std::optional<Error>& error() { return error_; }

 private:
  InputReader& convert(std::string_view name, json::View field, std::string& out) {
    const auto text = field.string();
    if (!text) return fail(name, "must be text");
    out = std::string(*text);
    return *this;
  }
  InputReader& convert(std::string_view name, json::View field, bool& out) {
    const auto flag = field.boolean();
    if (!flag) return fail(name, "must be true or false");
    out = *flag;
    return *this;
  }
  // Integers beyond 2^53 travel as text, so both forms are read.
  InputReader& convert(std::string_view name, json::View field, std::int64_t& out) {
    if (const auto number = field.int64()) {
      out = *number;
      return *this;
    }
    const std::string_view text = field.stringOr("");
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) {
      return fail(name, "must be an integer");
    }
    return *this;
  }
  InputReader& convert(std::string_view name, json::View field, Metadata& out) {
    if (!field.isObject()) return fail(name, "must be an object of texts");
    out.clear();
    for (const json::Member& member : field.members()) {
      const auto text = member.value.string();
      if (!text) return fail(std::string(name) + "." + std::string(member.name), "must be text");
      out.emplace_back(std::string(member.name), std::string(*text));
    }
    return *this;
  }

  json::View root_;
  std::optional<Error> error_;
};

// Reads a whole input. A type without readJson that can be made of a json::View gets the view.
template <typename T>
Result<T> readInput(json::View root) {
  if constexpr (std::is_same_v<T, json::View>) {
    return root;
  } else {
    InputReader reader(root);
    T value{};
    if (!reader.error()) readJson(reader, value);
    if (reader.error()) return std::move(*reader.error());
    return value;
  }
}

}  // namespace unigate::sdk
