// Bytes that must not leak: wiped when they go, never printed, never copied by accident. For
// credentials, keys and peppers.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace unigate::vault {

class SecretString {
 public:
  SecretString() = default;
  // Takes the bytes over and wipes the source.
  explicit SecretString(std::string&& bytes);
  explicit SecretString(std::string_view bytes);
  ~SecretString();
  SecretString(SecretString&& other) noexcept;
  SecretString& operator=(SecretString&& other) noexcept;
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;

  SecretString clone() const;
  // The bytes, for as long as this object lives. The one way out: what takes them must not log.
  std::string_view reveal() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  // The last four characters, for people to tell secrets apart; empty when it is under 12 long.
  std::string last4() const;

  template <typename Stream>
  friend Stream& operator<<(Stream&, const SecretString&) = delete;

 private:
  std::string bytes_;
};

// Overwrites the bytes of a text and empties it.
void wipe(std::string& bytes);

}  // namespace unigate::vault
