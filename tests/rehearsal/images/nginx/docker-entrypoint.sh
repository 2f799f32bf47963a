#!/bin/sh
# Stands in for the entrypoint of the official nginx image, as far as our manifests rely on it: it substitutes the environment
# variables whose names match the filter in the templates. (nginx/docker-nginx: 20-envsubst-on-templates.sh)
set -eu

for template in "$NGINX_ENVSUBST_TEMPLATE_DIR"/*"$NGINX_ENVSUBST_TEMPLATE_SUFFIX"; do
    name=$(basename "$template" "$NGINX_ENVSUBST_TEMPLATE_SUFFIX")
    perl -pe 's/\$\{(\w+)\}/my ($all, $word) = ($&, $1); $word =~ $ENV{NGINX_ENVSUBST_FILTER} ? $ENV{$word} : $all/ge' \
        "$template" > "$NGINX_ENVSUBST_OUTPUT_DIR/$name"
done
exec "$@"
