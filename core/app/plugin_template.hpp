// The files of `unigate plugin new`: the SDK's one-request example, embedded at build time.
#pragma once

#include <string_view>
#include <vector>

namespace unigate::app {

struct TemplateFile {
  std::string_view path;  // below the new folder
  std::string_view text;
};

std::vector<TemplateFile> pluginTemplate();

}  // namespace unigate::app
