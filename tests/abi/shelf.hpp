// A plugin directory of its own for the tests of the shelf: libraries out of the build, a manifest
// for each.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace unigate::testing {

// Goes with the object. The libraries come from `source`, where the build put them.
class Shelf {
 public:
  explicit Shelf(std::filesystem::path source) : source_(std::move(source)) {
    std::string name = (std::filesystem::temp_directory_path() / "unigate_shelf_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~Shelf() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path libraryOf(const std::string& id) const { return path_ / (id + ".so"); }

  // The library `id` and a manifest that fits it.
  void put(const std::string& id) const {
    std::filesystem::copy_file(source_ / (id + ".so"), libraryOf(id));
    std::filesystem::permissions(libraryOf(id), std::filesystem::perms(0644));
    write(id + ".plugin.yaml", manifestOf(id));
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    std::filesystem::permissions(path_ / name, std::filesystem::perms(0644));
  }
  static std::string manifestOf(const std::string& id) {
    return "manifest_version: 1\nid: " + id + R"(
version: 1.0.0
display_name: From the shelf
license: Apache-2.0
abi: { major: 1, min_minor: 0 }
operations:
  payments.create:
    input: { type: object, properties: { note: { type: string } } }
    output:
      type: object
      required: [provider_id, amount]
      properties: { provider_id: { type: string }, amount: { type: integer } }
    recovery: native
    recovery_window_s: 86400
    moves_money: true
credentials:
  api_key: { secret: true, required: true }
auth:
  api_key: { type: bearer, credential: api_key }
endpoints:
  api: { live: "https://api.shelf.example", test: "https://test.shelf.example" }
egress: [api.shelf.example, test.shelf.example]
)";
  }

 private:
  std::filesystem::path source_;
  std::filesystem::path path_;
};

}  // namespace unigate::testing
