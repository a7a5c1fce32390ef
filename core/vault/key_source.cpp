#include "vault/key_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/random.hpp"
#include "base/text.hpp"
#include "vault/crypto.hpp"
#include "vault/vault.hpp"

namespace unigate::vault {

namespace {

constexpr const char* kParam = "vault.key_encryption_key";
constexpr std::size_t kFileBytesMax = 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

auto refuse(std::string detail) {
  return base::fail(500, "bad_key_encryption_key", std::move(detail), kParam);
}

// 32 bytes: raw, or as hex or base64 with surrounding white space.
base::Result<SecretString> decodeKey(SecretString content, const std::string& from) {
  if (content.size() == kKeyBytes) return content;
  auto text = content.reveal();
  const auto isSpace = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
  auto decoded = text.size() == kKeyBytes * 2 ? base::fromHex(text) : base::fromBase64(text);
  if (decoded && decoded->size() == kKeyBytes) return SecretString(std::move(*decoded));
  return refuse(
      "the key in " + from +
      " must be 32 bytes, raw, in base64 or in hex; make one with: openssl rand -base64 32");
}

base::Status checkFile(int fd, const std::string& path, bool ownerOnly) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return refuse("the key-encryption key " + path + " is not a regular file");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refuse("the key-encryption key " + path +
                  " belongs to another user; run: chown $(id -u) " + path);
  }
  const auto mode = status.st_mode & 07777;
  if (ownerOnly && mode != 0400 && mode != 0600) {
    return refuse("the key-encryption key " + path +
                  " may be read by others or run; run: chmod 0400 " + path);
  }
  return {};
}

// `ownerOnly`: systemd gives its credentials 0440 in a folder that only the unit can enter.
base::Result<SecretString> readKeyFile(const std::string& path, bool ownerOnly) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return refuse("cannot read the key-encryption key " + path + ": " + std::strerror(errno) +
                  (errno == ENOENT ? "; make one with: unigate keygen --out " + path : ""));
  }
  if (auto checked = checkFile(file.get(), path, ownerOnly); !checked) {
    return base::fail(checked.error());
  }
  std::string content(kFileBytesMax, '\0');
  std::size_t length = 0;
  while (length < content.size()) {
    const auto got = ::read(file.get(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  SecretString key(std::string_view(content).substr(0, length));
  wipe(content);
  return decodeKey(std::move(key), path);
}

base::Result<SecretString> readCredential(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) {
    return refuse(
        "there are no systemd credentials here ($CREDENTIALS_DIRECTORY is not set); add "
        "LoadCredential=" +
        name + ":PATH to the unit, or use file:PATH");
  }
  if (name.empty() || name.find('/') != std::string::npos || name.front() == '.') {
    return refuse("the name of a systemd credential holds no slash and does not begin with a dot");
  }
  return readKeyFile(std::string(folder) + "/" + name, false);
}

base::Result<SecretString> readEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    return refuse("the environment variable " + name + " with the key-encryption key is not set");
  }
  return decodeKey(SecretString(std::string_view(value)), "the environment variable " + name);
}

bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

base::Result<SecretString> loadKey(const std::string& source) {
  const auto colon = source.find(':');
  const auto scheme = source.substr(0, colon);
  const auto rest = colon == std::string::npos ? std::string() : source.substr(colon + 1);
  if (!rest.empty() && scheme == "file") return readKeyFile(rest, true);
  if (!rest.empty() && scheme == "env") return readEnvironment(rest);
  if (!rest.empty() && scheme == "systemd") return readCredential(rest);
  return refuse(
      "the key-encryption key must be given as \"file:PATH\", \"env:NAME\" or "
      "\"systemd:NAME\"");
}

base::Status createKekFile(const std::string& path, base::Random& random) {
  const auto parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty() && !std::filesystem::exists(parent, error)) {
    std::filesystem::create_directories(parent, error);
    std::filesystem::permissions(parent, std::filesystem::perms::owner_all, error);
  }
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR));
  if (file.get() < 0 && errno == EEXIST) {
    return base::fail(409, "already_exists",
                      path + " is there already; it is kept, for without it no stored secret opens",
                      kParam);
  }
  if (file.get() < 0) {
    return refuse("cannot write the key-encryption key " + path + ": " + std::strerror(errno));
  }
  std::string key(kKeyBytes, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
  auto text = base::toBase64(key) + "\n";
  const bool written = writeAll(file.get(), text);
  const std::string reason = std::strerror(errno);
  wipe(key);
  wipe(text);
  if (!written) {
    ::unlink(path.c_str());  // half a key must not look like one
    return refuse("cannot write the key-encryption key " + path + ": " + reason);
  }
  return {};
}

}  // namespace unigate::vault
