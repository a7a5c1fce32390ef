# Writes FILES (a list, below ROOT) into a C++ source OUTPUT.
set(body "")
foreach(file ${FILES})
  file(RELATIVE_PATH path ${ROOT} ${file})
  file(READ ${file} text)
  string(APPEND body "      {\"${path}\", R\"~file~(${text})~file~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"app/plugin_template.hpp\"\n\nnamespace unigate::app {\n\nstd::vector<TemplateFile> pluginTemplate() {\n  return {\n${body}  };\n}\n\n}  // namespace unigate::app\n")
