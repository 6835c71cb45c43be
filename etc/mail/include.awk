# Turns the templates named on the command line, KIND.PART each, into the C text of a header that
# mail-template.c includes: an array of strings by kind and part.
function name_of(path) { sub(/.*\//, "", path); return path }
FNR == 1 {
	split(name_of(FILENAME), words, ".")
	if (NR > 1)
		print "\t,"
	printf "\t[MAIL_%s][MAIL_%s] =\n", toupper(words[1]), toupper(words[2])
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	gsub(/\?/, "\\?") # no trigraphs
	printf "\t\"%s\\n\"\n", $0
}
